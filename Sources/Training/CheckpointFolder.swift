package import Folders

/// The folder in which a run keeps its checkpoints: `checkpoint-000123.acuity`, the two newest ones.
///
/// A file appears whole or not at all, so that a run killed while it writes goes on from the one before.
package struct CheckpointFolder: Sendable {
  package static let kept = 2
  private let folder: Folder

  package init(_ folder: Folder) {
    self.folder = folder
  }

  package func save(_ checkpoint: Checkpoint) throws {
    let digits = String(checkpoint.state.step)
    let padding = String(repeating: "0", count: max(0, 9 - digits.count))
    try folder.write(
      checkpoint.serialized(), to: Array("checkpoint-\(padding)\(digits).acuity".utf8), replacing: true)
    for name in try names().dropLast(Self.kept) { try folder.remove(name) }
  }

  /// The newest checkpoint that is whole; nil where there is none. `report` is told of damaged ones.
  package func newest(report: (String) -> Void = { _ in }) throws -> Checkpoint? {
    for name in try names().reversed() {
      do {
        let file = folder.path + "/" + String(decoding: name, as: UTF8.self)
        return try Checkpoint(bytes: folder.read(name, limit: 1 << 34).bytes, file: file)
      } catch let error as TrainingError {
        report("\(error); taking the one before")
      }
    }
    return nil
  }

  /// Whether there is no checkpoint, whole or damaged.
  package var isEmpty: Bool { get throws { try names().isEmpty } }

  private func names() throws -> [[UInt8]] {
    try folder.names().filter {
      $0.starts(with: Array("checkpoint-".utf8)) && $0.suffix(7) == Array(".acuity".utf8)[...]
    }.sorted { $0.lexicographicallyPrecedes($1) }
  }
}
