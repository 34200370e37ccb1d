import Folders
import Foundation

/// The small file that a watcher puts into the watched folder. While it is there, the folder is no bare place that an
/// unmounted disk leaves behind; and it remembers the folders that outputs have gone to, so that none of them is
/// taken for a new one when its own disk is away.
struct WatchMarker {
  static let name = Array(".acuity-watched".utf8)

  private static let title = "acuity watches this folder; while this file is here, its disk is mounted"
  private static let mark = "outputs go to "

  /// From the root on, escaped.
  private var outputs: [String] = []

  /// An empty one if `folder` has none, or none that can be read.
  init(in folder: Folder) {
    guard let content = try? folder.read(Self.name, limit: 1 << 20) else { return }
    outputs = String(decoding: content.bytes, as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix(Self.mark) }.map { String($0.dropFirst(Self.mark.count)) }
  }

  /// Whether outputs have gone to the folder at `path`.
  func knows(_ path: [UInt8]) -> Bool { outputs.contains(escaped(absolute(path))) }

  /// Writes the marker into `folder`, with the folder at `output` added if there is one.
  mutating func write(in folder: Folder, adding output: [UInt8]?) throws(FileError) {
    if let output, !knows(output) { outputs.append(escaped(absolute(output))) }
    let lines = [Self.title] + outputs.map { Self.mark + $0 }
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
