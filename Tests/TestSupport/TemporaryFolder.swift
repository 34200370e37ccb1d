package import Folders
import Foundation

/// A folder of a test's own, removed with everything in it when the last reference goes.
public final class TemporaryFolder: Sendable {
  public let path: String
  package let folder: Folder

  /// In the usual place for such folders unless it is to be in `parent`.
  public init(in parent: String? = nil) throws {
    let parent = parent.map { URL(fileURLWithPath: $0) } ?? FileManager.default.temporaryDirectory
    path = parent.appendingPathComponent("acuity-\(UUID())").path
    folder = try Folder(bytes(path), create: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of `name` inside.
  public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file inside and gives its path.
  @discardableResult
  public func write(_ content: some Sequence<UInt8>, to name: String) throws -> String {
    try Data(content).write(to: URL(fileURLWithPath: self(name)))
    return self(name)
  }

  /// Whether names here may be any bytes; some file systems take only Unicode.
  public static let takesRawNames: Bool = {
    guard let home = try? TemporaryFolder() else { return false }
    // Without this the folder is gone before the file is written.
    return withExtendedLifetime(home) {
      (try? home.folder.write([], to: [0xff], replacing: false)) != nil
    }
  }()

  /// The names inside, in order.
  public var entries: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

extension Folder {
  /// Every file below, by its escaped path, with its bytes; what is neither file nor folder as its kind. What goes
  /// while others are at work in it is left out.
  package func tree() throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for name in try names() {
      let key = escaped(name)
      switch try status(name)?.kind {
      case .file: result[key] = try settledContent(name)
      case .folder:
        for (inner, content) in try folder(RelativePath(name)).tree() { result["\(key)/\(inner)"] = content }
      case let kind?: result[key] = bytes("\(kind)")
      case nil: continue
      }
    }
    return result
  }

  /// Nil if it is gone.
  private func settledContent(_ name: [UInt8]) throws -> [UInt8]? {
    while true {
      do throws(ReadError) {
        return try read(name, limit: .max).bytes
      } catch {
        guard try status(name) != nil else { return nil }
        switch error {
        case .changedMeanwhile: continue
        case .failed(let error) where error.code == ENOENT: continue
        default: throw error
        }
      }
    }
  }
}

/// The UTF-8 of a text, as names and contents are given.
public func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
