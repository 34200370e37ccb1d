import Acuity
import Folders
import Ledger

/// Whose a file in an output's place is, by what the ledger knows and by what the file holds.
extension FileProcessor {
  /// What the ledger knows of the output: first under its key, then under those of other places that it may have had.
  func records(
    of output: PlannedFile.Output, of input: BatchInput, _ key: [UInt8], _ fingerprint: Fingerprint?
  ) throws(Failure) -> [LedgerEntry] {
    guard let ledger else { return [] }
    let own = LedgerKey(key)
    let all = try attempting { () throws(LedgerError) in
      hasLedgerOfItsOwn
        ? try ledger.entry(for: key).map { [$0] } ?? [] : try ledger.entries(ofInput: input.path.bytes)
    }
    let former = all.filter {
      $0.path != key
        && LedgerKey($0.path).isFormer(
          of: own, output: output.path, hasSameContent: $0.fingerprint.content == fingerprint?.content)
    }
    return all.filter { $0.path == key } + former
  }

  enum Claim {
    /// What is in the output's place is what comes of the input; the record that says so, and how the file looks.
    case current(LedgerEntry, FileStatus)
    /// It is ours to replace: what came of the input once, or a damaged remnant of that.
    case own
    case none
  }

  /// Whose the file in the output's place is. Only a digest that was published for this very content, model and options
  /// makes it current.
  func claim(
    to output: PlannedFile.Output, _ records: [LedgerEntry], _ fingerprint: Fingerprint?
  ) async throws(Failure) -> Claim {
    let records = records.filter { $0.output == output.path.bytes }
    guard !records.isEmpty, let found = await content(of: output.path, root: roots[output.index]) else {
      return .none
    }
    let digest = SHA256.digest(found.bytes)
    let stamp = LedgerEntry.Stamp(output: found.status)
    if let record = records.first(where: { $0.fingerprint == fingerprint && $0.outputDigest == digest }) {
      return .current(record, found.status)
    }
    if records.contains(where: { $0.owns(digest) || $0.outputStamp == stamp }) { return .own }
    return try await isRemnant(found.bytes, of: output) ? .own : .none
  }

  /// Whether the bytes are what damage leaves of a file of the output's format: its beginning, a file that is broken
  /// inside, or the zeros of a crash. What somebody else has put there is a whole picture of whatever form, or none at
  /// all.
  private func isRemnant(
    _ bytes: [UInt8], of output: PlannedFile.Output
  ) async throws(Failure) -> Bool {
    if bytes.allSatisfy({ $0 == 0 }) { return true }
    let header = try? ImageFile.header(bytes: bytes)
    guard header.map({ $0.format == output.format }) ?? true else { return false }
    do {
      _ = try await coding(location(output)) { () throws(CodingError) in
        try await coder.decode(bytes, limits: Limits(maxFileSize: .max), options: ReadOptions())
      }
      return false
    } catch {
      switch error.cause {
      case .truncated(let format, _), .corrupt(let format, _): return format == output.format
      default:
        guard error.culprit == .input else { throw error }
        return false
      }
    }
  }

  /// Records what was found out about a current output, so that the next run need read neither it nor the input: also
  /// when a kill came between the rename and the ledger's last word, when the record was that of another place, and when
  /// the input has got another time.
  func note(
    _ record: LedgerEntry, under key: [UInt8], _ stamp: LedgerEntry.Stamp, _ outputStamp: LedgerEntry.Stamp
  ) throws(Failure) {
    let isKnown =
      record.path == key && record.state == .done && record.stamp == stamp
      && record.outputStamp == outputStamp
    guard let ledger, !isKnown, !isDry else { return }
    try attempting { () throws(LedgerError) in
      if record.path == key {
        try ledger.finish(key, stamp: stamp, outputStamp: outputStamp)
      } else {
        try ledger.inherit(key, from: record, stamp: stamp, outputStamp: outputStamp)
      }
    }
  }

  /// Whether the file at the output's place decodes to its last pixel and is of the form that it should have.
  func isSound(_ output: PlannedFile.Output) async throws(Failure) -> Bool {
    guard let bytes = try await bytes(of: output) else { return false }
    do {
      try await verify(
        bytes, output, label: location(output), by: .decode, mayLoseAlpha: output.format == .webp)
      return true
    } catch  where error.culprit == .input {
      return false
    }
  }

  /// With `rename`, a second run must not make a second copy of what the ledger knows to be made.
  func madeUnderSomeName(
    _ records: [LedgerEntry], _ fingerprint: Fingerprint?, _ output: PlannedFile.Output
  ) async throws(Failure) -> String? {
    for record in records where record.fingerprint == fingerprint {
      let key = LedgerKey(record.path)
      guard hasLedgerOfItsOwn || key.output != nil || key.index == output.index,
        let digest = record.outputDigest, let path = record.output.flatMap({ RelativePath($0) }),
        let found = await content(of: path, root: roots[output.index]), SHA256.digest(found.bytes) == digest
      else { continue }
      return "its output is up to date: \(path)"
    }
    return nil
  }

  /// The finished output of an input with the same content, weights and options, whatever its name; nil if there
  /// is none that is still as we have left it.
  func finishedOutput(
    like fingerprint: Fingerprint?, _ output: PlannedFile.Output
  ) async throws(Failure) -> [UInt8]? {
    guard let ledger, let fingerprint else { return nil }
    let root = realPath(job.outputs[output.index].root) + [UInt8(ascii: "/")]
    var last: [UInt8] = []
    while true {
      let found = try attempting { () throws(LedgerError) in
        try ledger.finished(like: fingerprint, after: last)
      }
      for entry in found where LedgerKey(entry.path).output?.starts(with: root) != false {
        guard let path = entry.output.flatMap({ RelativePath($0) }),
          let bytes = await content(of: path, root: roots[output.index])?.bytes,
          SHA256.digest(bytes) == entry.outputDigest
        else { continue }
        return bytes
      }
      guard let path = found.last?.path else { return nil }
      last = path
    }
  }
}
