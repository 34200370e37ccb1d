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

  /// Makes this checkpoint the newest one. What has a higher number is of a future that was found damaged, so that the run went on
  /// from before it: it goes, lest it be counted among those to keep or taken for the newest.
  package func save(_ checkpoint: Checkpoint) throws {
    let step = checkpoint.state.step
    let digits = String(step)
    let padding = String(repeating: "0", count: max(0, 9 - digits.count))
    try folder.write(
      checkpoint.serialized(), to: Self.prefix + Array("\(padding)\(digits)".utf8) + Self.suffix,
      replacing: true)
    let files = try files()
    let kept = files.filter { $0.step <= step }.suffix(Self.kept).map(\.step)
    for file in files where !kept.contains(file.step) { try folder.remove(file.name) }
  }

  /// The newest checkpoint that is whole; nil where there is none at all. `report` is told of those that are damaged or cannot
  /// be read.
  /// - Throws: `.checkpoint` if there are some, but none is whole.
  package func newest(report: (String) -> Void = { _ in }) throws -> Checkpoint? {
    let files = try files()
    for file in files.reversed() {
      do {
        let path = folder.path + "/" + String(decoding: file.name, as: UTF8.self)
        return try Checkpoint(bytes: folder.read(file.name, limit: 1 << 34).bytes, file: path)
      } catch {
        report("\(error)")
      }
    }
    if files.isEmpty { return nil }
    throw TrainingError.checkpoint(
      file: folder.path,
      "none of its checkpoints can be read; remove the folder or name another by --work to begin anew, and a model to "
        + "begin with by --initial")
  }

  /// Whether there is no checkpoint, whole or damaged.
  package var isEmpty: Bool { get throws { try files().isEmpty } }

  private static let prefix = Array("checkpoint-".utf8)
  private static let suffix = Array(".acuity".utf8)

  /// In order of their steps.
  private func files() throws -> [(step: Int, name: [UInt8])] {
    try folder.names().compactMap { name in Self.step(of: name).map { ($0, name) } }.sorted {
      $0.step < $1.step
    }
  }

  /// Of a checkpoint's name; nil of any other.
  package static func step(of name: [UInt8]) -> Int? {
    guard name.starts(with: prefix), name.suffix(suffix.count) == suffix[...] else { return nil }
    return Int(String(decoding: name.dropFirst(prefix.count).dropLast(suffix.count), as: UTF8.self))
  }
}
