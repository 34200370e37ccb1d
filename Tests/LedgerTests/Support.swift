import Foundation
import Ledger

/// A new folder, removed with everything in it when the value goes away.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "acuity-ledger-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  var ledger: String { path + "/ledger.sqlite" }
}

func fingerprint(_ content: String, model: String = "model", options: String = "scale=2") -> Fingerprint {
  Fingerprint(content: .of(content), model: .of(model), options: .of(options))
}

extension SHA256.Digest {
  static func of(_ text: String) -> Self { SHA256.digest(text) }
}

let stamp = LedgerEntry.Stamp(size: 10, modified: 1_234_567_890_123_456_789)

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
