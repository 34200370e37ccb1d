import Folders
import Foundation

/// A new folder, removed with everything in it when the value goes away.
final class TemporaryFolder: Sendable {
  let path: String
  let folder: Folder

  init() throws {
    path = NSTemporaryDirectory() + "acuity-folders-\(UUID().uuidString)"
    folder = try Folder(bytes(path), create: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
