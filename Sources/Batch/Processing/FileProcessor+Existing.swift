import Acuity
package import Folders
package import Ledger

/// What is done about an output, given what is there already.
enum Decision: Sendable, Equatable {
  /// Nothing, and why.
  case keep(String)
  /// It is made; `isReplacing` allows it to take an existing file's place.
  case make(isReplacing: Bool)
}

extension FileProcessor {
  /// Why nothing is to be done for the file, as far as that shows without reading it; nil if it has to be read.
  func reasonToKeepUnread(_ file: PlannedFile) throws(Failure) -> String? {
    guard job.ifExists == .skip, ledger == nil || trustsStamps else { return nil }
    for output in file.outputs {
      guard let status = try status(of: output), status.kind == .file else { return nil }
      guard let ledger else {
        if let misfit = output.misfit(below: roots[output.index]) {
          // The other outputs are another matter.
          guard file.outputs.count > 1 else { throw misfit }
          return nil
        }
        continue
      }
      // With a ledger the output must also be up to date: size and time, of the input and of the output, tell without
      // their content.
      let key = key(file.input, output)
      let entry = try attempting { () throws(LedgerError) in try ledger.entry(for: key) }
      guard let entry, job.isCurrent(entry, for: output, of: file),
        entry.outputStamp == LedgerEntry.Stamp(status),
        output.misfit(below: roots[output.index]) == nil
      else { return nil }
    }
    return ledger == nil ? "its output is already there" : "its output is up to date"
  }

  /// What is done about one output of the file, whose content is known by now.
  func decision(
    for output: PlannedFile.Output, of file: PlannedFile, fingerprint: Fingerprint?
  ) async throws(Failure) -> Decision {
    let status = try status(of: output)
    let key = key(file.input, output)
    let records = try records(of: output, of: file.input, key, fingerprint)
    if job.ifExists == .rename, let reason = try await madeUnderSomeName(records, fingerprint, output) {
      return .keep(reason)
    }
    guard let status else { return .make(isReplacing: false) }
    guard status.kind == .file || (status.kind == .symbolicLink && job.ifExists != .verify) else {
      throw Failure(.outputName, "\(location(output)) is in the way: it is a \(status.kind), not a file")
    }
    if status.kind == .symbolicLink, let target = try self.status(of: output, followingLinks: true)?.kind,
      target != .file
    {
      throw Failure(
        .outputName,
        "\(location(output)) is a link to a \(target), not to a file: choose another name, or standard output (-o -)"
      )
    }
    switch job.ifExists {
    case .overwrite:
      try await checkOwner(of: output, key, fingerprint)
      return .make(isReplacing: true)
    case .rename: return .make(isReplacing: false)
    case .fail:
      throw Failure(
        .outputName,
        "\(location(output)) is already there: remove it, or choose --if-exists skip, verify, overwrite or rename"
      )
    case .skip, .verify: break
    }

    switch try await claim(to: output, records, fingerprint) {
    case .current(let record, let stamp):
      try note(record, under: key, stamp)
      return .keep("its output is up to date")
    case .own: return .make(isReplacing: true)
    case .none where job.ifExists == .skip && job.takesOnlyEqualOutputs:
      try await checkOwner(of: output, key, fingerprint)
      if output.misfit(below: roots[output.index]) != nil {
        throw strange(output.path, root: roots[output.index])
      }
      return .make(isReplacing: false)
    case .none where job.ifExists == .skip:
      try await checkOwner(of: output, key, fingerprint)
      if let misfit = output.misfit(below: roots[output.index]) { throw misfit }
      return .keep("its output is already there")
    case .none:
      if try await isSound(output) { return .keep("its output is sound") }
      try await checkOwner(of: output, key, fingerprint)
      return .make(isReplacing: true)
    }
  }

  private func checkOwner(
    of output: PlannedFile.Output, _ key: [UInt8], _ fingerprint: Fingerprint?
  ) async throws(Failure) {
    try await offloaded { () throws(Failure) in
      try checkOwner(
        of: output.path, root: roots[output.index], key: key, content: fingerprint?.content)
    }
  }

  // MARK: What the ledger says

  /// What the ledger knows of the output: first under its key, then under those of other places that it may have had.
  private func records(
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

  private enum Claim {
    /// What is in the output's place is what comes of the input; the record that says so, and how the file looks.
    case current(LedgerEntry, LedgerEntry.Stamp)
    /// It is ours to replace: what came of the input once, or a damaged remnant of that.
    case own
    case none
  }

  /// Whose the file in the output's place is. Only a digest that was published for this very content, model and options
  /// makes it current.
  private func claim(
    to output: PlannedFile.Output, _ records: [LedgerEntry], _ fingerprint: Fingerprint?
  ) async throws(Failure) -> Claim {
    let records = records.filter { $0.output == output.path.bytes }
    guard !records.isEmpty, let found = await content(of: output.path, root: roots[output.index]) else {
      return .none
    }
    let digest = SHA256.digest(found.bytes)
    let stamp = LedgerEntry.Stamp(found.status)
    if let record = records.first(where: { $0.fingerprint == fingerprint && $0.outputDigest == digest }) {
      return .current(record, stamp)
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

  /// Records what was found out about a current output, so that the next run need not read it: also when a kill came
  /// between the rename and the ledger's last word, and when the record was that of another place.
  private func note(
    _ record: LedgerEntry, under key: [UInt8], _ stamp: LedgerEntry.Stamp
  ) throws(Failure) {
    guard let ledger, record.path != key || record.state != .done || record.outputStamp != stamp else {
      return
    }
    try attempting { () throws(LedgerError) in
      if record.path == key {
        try ledger.finish(key, outputStamp: stamp)
      } else {
        try ledger.inherit(key, from: record, outputStamp: stamp)
      }
    }
  }

  /// Whether the file at the output's place decodes to its last pixel and is of the form that it should have.
  private func isSound(_ output: PlannedFile.Output) async throws(Failure) -> Bool {
    guard let bytes = await content(of: output.path, root: roots[output.index])?.bytes else { return false }
    do {
      try await verify(bytes, output, label: location(output), by: .decode, isOpaque: true)
      return true
    } catch  where error.culprit == .input {
      return false
    }
  }

  /// With `rename`, a second run must not make a second copy of what the ledger knows to be made.
  private func madeUnderSomeName(
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
    let found = try attempting { () throws(LedgerError) in try ledger.allFinished(like: fingerprint) }
    let root = realPath(job.outputs[output.index].root) + [UInt8(ascii: "/")]
    for entry in found where LedgerKey(entry.path).output?.starts(with: root) != false {
      guard let path = entry.output.flatMap({ RelativePath($0) }),
        let bytes = await content(of: path, root: roots[output.index])?.bytes,
        SHA256.digest(bytes) == entry.outputDigest
      else { continue }
      return bytes
    }
    return nil
  }

  // MARK: Looking at outputs

  func location(_ output: PlannedFile.Output) -> String {
    roots[output.index].location(output.path.bytes)
  }

  /// Refuses an output whose folder takes no files, before hours of computing are spent on it.
  func checkPlace(of output: PlannedFile.Output) throws(Failure) {
    do throws(FileError) {
      try roots[output.index].checkWritable(output.path)
    } catch {
      throw Failure(writing: error)
    }
  }

  private func status(
    of output: PlannedFile.Output, followingLinks: Bool = false
  ) throws(Failure) -> FileStatus? {
    do throws(FileError) {
      return try roots[output.index].folder(output.path.folder).status(
        output.path.name, followingLinks: followingLinks)
    } catch {
      if error.isAbsence { return nil }
      throw Failure(writing: error)
    }
  }

  /// nil if there is no such file, or none that can be read.
  private func content(of path: RelativePath, root: Folder) async -> FileContent? {
    await offloaded { try? root.folder(path.folder).read(path.name, limit: .max) }
  }
}

extension LedgerEntry.Stamp {
  init(_ status: FileStatus) {
    self.init(size: status.size, modified: status.modified)
  }
}

extension Job {
  /// Whether the entry tells of this output, made of the input as it is now by this model and these options.
  package func isCurrent(_ entry: LedgerEntry, for output: PlannedFile.Output, of file: PlannedFile) -> Bool {
    guard entry.state == .done, entry.output == output.path.bytes,
      entry.fingerprint.model == outputs[output.index].modelDigest,
      entry.fingerprint.options == optionsDigest(output.index),
      let now = try? file.input.folder().status(file.input.name)
    else { return false }
    return entry.stamp == LedgerEntry.Stamp(size: now.size, modified: now.modified)
  }
}

extension PlannedFile.Output {
  /// Why what stands in the output's place cannot be taken for it, by its header and its end: exit code 0 says that every
  /// input has its output. Nil if it can. A link stands for what it leads to.
  package func misfit(below root: Folder) -> Failure? {
    var header: ImageHeader?
    var isWhole = false
    try? root.folder(path.folder).withFile(path.name, limit: .max, followingLinks: true) {
      (file, _) throws(ReadError) in
      let limits = Limits(maxFileSize: .max)
      header = try? ImageFile.header(descriptor: file, limits: limits)
      isWhole = (try? ImageFile.reachesItsEnd(descriptor: file, limits: limits)) ?? false
    }
    let form = "\(format) of \(size.width)x\(size.height) pixels"
    let found: String
    if let header, header.format != format || header.size != size {
      found = "is \(header.format) of \(header.size.width)x\(header.size.height) pixels"
    } else if header != nil, isWhole {
      return nil
    } else {
      found = "is no sound picture"
    }
    return Failure(
      .outputName,
      "\(root.location(path.bytes)) is already there and was left as it is, but it \(found), not \(form): remove it, or "
        + "choose --if-exists verify, overwrite or rename")
  }
}
