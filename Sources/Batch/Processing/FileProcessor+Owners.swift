import Folders
import Ledger
import Synchronization

extension FileProcessor {
  /// Refuses the place of another input's finished output: whatever the user says of outputs that are there, each input
  /// gets one of its own. What somebody has put in the output's place since is not that input's any more, and who wants
  /// outputs replaced may have that of an input that is gone. `key` is the ledger's, of the output that is to get the name
  /// `path`, and `content` the input's.
  func checkOwner(
    of path: RelativePath, root: OutputFolder, key: [UInt8], content: SHA256.Digest?
  ) throws(Failure) {
    guard let ledger else { return }
    let own = LedgerKey(key)
    let others = try attempting { () throws(LedgerError) in
      try ledger.owners(ofOutput: path.bytes)
    }.filter {
      guard $0.path != key else { return false }
      return !LedgerKey($0.path).isFormer(
        of: own, output: path, hasSameContent: $0.fingerprint.content == content)
    }
    guard !others.isEmpty, let digest = root.content(of: path).map({ SHA256.digest($0.bytes) })
    else { return }
    let owners = others.filter { $0.owns(digest) }
    let present = owners.first { !LedgerKey($0.path).isOfGoneInput }
    guard let owner = present ?? owners.first, present != nil || job.ifExists != .overwrite else { return }
    // Equal outputs of different inputs, below different folders.
    let mine = try attempting { () throws(LedgerError) in try ledger.entry(for: key) }
    if mine?.output == path.bytes, mine?.owns(digest) == true { return }
    let name = LedgerKey(owner.path)
    throw Failure(
      .outputName,
      "\(root.location(path)) is there already and is not this input's but that of "
        + escaped(name.path == own.path ? name.origin ?? name.path : name.path)
        + (present != nil
          ? ": give the inputs different names, or remove it"
          : ", which is gone: choose to replace it\(job.hint((.ifExists, ["overwrite"]))), or give this input another name")
    )
  }

  /// Refuses what stands in an output's place and is not known to be this input's.
  func strange(_ path: RelativePath, root: OutputFolder) -> Failure {
    Failure(.outputName, "\(root.location(path)) is there already and is not this input's: \(job.makingWay)")
  }
}

extension Job {
  /// What can be done about what stands in an output's place.
  package var makingWay: String {
    "remove it, give the inputs different names, or choose to overwrite it" + hint((.ifExists, ["overwrite"]))
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

extension LedgerKey {
  /// Whether there is no such input any more, as far as the key says where it was and that can be looked up.
  fileprivate var isOfGoneInput: Bool {
    guard let origin else { return false }
    let (folder, name) = splitPath(origin)
    do throws(FileError) {
      return try Folder(folder).status(name) == nil
    } catch {
      return error.isAbsence
    }
  }
}
