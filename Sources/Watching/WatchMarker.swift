import Folders
import Foundation

/// The small file that a watcher puts into the watched folder. While it is there, the folder is no bare place that an
/// unmounted disk leaves behind; it has an identity, by which the ledger tells it from another folder in the same place; and it
/// remembers the folders that outputs have gone to, so that none of them is taken for a new one when its own disk is away.
struct WatchMarker {
  static let name = Array(".acuity-watched".utf8)

  private static let title = "acuity watches this folder; while this file is here, its disk is mounted"
  private static let mark = "outputs go to "
  private static let identityMark = "this is folder "

  /// Any text that no other folder has; nil before the marker is written.
  private(set) var identity: String?
  /// From the root on, escaped.
  private var outputs: [String] = []

  /// An empty one if `folder` has none, or none that can be read.
  init(in folder: Folder) {
    guard let content = try? folder.read(Self.name, limit: 1 << 20) else { return }
    func values(_ mark: String) -> [String] {
      String(decoding: content.bytes, as: UTF8.self).split(separator: "\n")
        .filter { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) }
    }
    identity = values(Self.identityMark).first
    outputs = values(Self.mark)
  }

  /// Whether outputs have gone to the folder at `path`.
  func knows(_ path: [UInt8]) -> Bool { outputs.contains(escaped(absolute(path))) }

  /// Writes the marker into `folder`, with the folder at `output` added if there is one.
  mutating func write(in folder: Folder, adding output: [UInt8]?) throws(FileError) {
    if let output, !knows(output) { outputs.append(escaped(absolute(output))) }
    let identity = identity ?? UUID().uuidString
    self.identity = identity
    let lines = [Self.title, Self.identityMark + identity] + outputs.map { Self.mark + $0 }
    try folder.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: Self.name, replacing: true)
  }
}

/// `path` from the root on, without empty parts and dots, so that two spellings of a name can be compared. Links and
/// `..` are left as they are.
func absolute(_ path: [UInt8]) -> [UInt8] {
  let slash = UInt8(ascii: "/")
  let start = path.first == slash ? [] : Array(FileManager.default.currentDirectoryPath.utf8)
  let parts = (start + [slash] + path).split(separator: slash).filter { Array($0) != [UInt8(ascii: ".")] }
  return [slash] + parts.joined(separator: [slash])
}
