import Folders
import Ledger
import Synchronization

extension FileProcessor {
  /// Refuses the place of another input's finished output: whatever the user says of outputs that are there, each input
  /// gets one of its own. What somebody has put in the output's place since is not that input's any more. `key` is the
  /// ledger's, of the output that is to get the name `path`.
  func checkOwner(of path: RelativePath, root: Folder, key: [UInt8]) throws(Failure) {
    guard let ledger else { return }
    let others = try attempting { () throws(LedgerError) in
      try ledger.owners(ofOutput: path.bytes)
    }.filter { $0.state == .done && $0.path != key && Job.outputMark($0.path) == Job.outputMark(key) }
    guard !others.isEmpty, let digest = Self.digest(of: path, root: root),
      let owner = others.first(where: { $0.outputDigest == digest })
    else { return }
    throw Failure(
      .outputName,
      "\(root.location(path.bytes)) is there already and is not this input's but that of "
        + "\(escaped(owner.path.prefix { $0 != 0 })): give the inputs different names, or remove it")
  }

  /// Nil if there is no such file, or none that can be read.
  static func digest(of path: RelativePath, root: Folder) -> SHA256.Digest? {
    (try? root.folder(path.folder).read(path.name, limit: .max)).map { SHA256.digest($0.bytes) }
  }

  /// Refuses what stands in an output's place and is not known to be this input's.
  func strange(_ path: RelativePath, root: Folder) -> Failure {
    Failure(
      .outputName,
      "\(root.location(path.bytes)) is there already and is not this input's: remove it, give the inputs different "
        + "names, or choose --if-exists overwrite")
  }
}

/// Held from the look at what stands in an output's place until it is taken and recorded: of two inputs that want the
/// same place, the second finds the output of the first.
///
/// Outputs of other names are written meanwhile, for writing waits for the disk: each name has one of a number of turns.
final class Taking: Sendable {
  private let turns = (0..<64).map { _ in Turn() }

  private final class Turn: Sendable {
    let lock = Mutex(())
  }

  func alone<Result: Sendable>(
    _ output: PlannedFile.Output, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var hasher = Hasher()
    hasher.combine(output.index)
    hasher.combine(output.path)
    let turn = turns[Int(UInt(bitPattern: hasher.finalize()) % UInt(turns.count))]
    return try turn.lock.withLock { _ throws(Failure) in try body() }
  }
}

extension Job {
  /// What a ledger's key says of the output beside the input's path: see `ledgerKey`.
  static func outputMark(_ key: [UInt8]) -> ArraySlice<UInt8> {
    key.drop { $0 != 0 }
  }
}
