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
    guard job.ifExists == .skip else { return nil }
    for output in file.outputs {
      guard try status(of: output)?.kind == .file else { return nil }
      guard let ledger else {
        if let misfit = output.misfit(below: roots[output.index]) {
          // The other outputs are another matter.
          guard file.outputs.count > 1 else { throw misfit }
          return nil
        }
        continue
      }
      // With a ledger the output must also be up to date; the input's size and time tell without its content.
      let key = file.ledgerKey(of: output)
      let entry = try attempting { () throws(LedgerError) in try ledger.entry(for: key) }
      guard let entry, job.isCurrent(entry, for: output, of: file),
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
    let key = file.ledgerKey(of: output)
    let entry = try attempting { () throws(LedgerError) in try ledger?.entry(for: key) }
    if job.ifExists == .rename, let reason = try await madeUnderSomeName(entry, fingerprint, output) {
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
      try await checkOwner(of: output, key)
      return .make(isReplacing: true)
    case .rename: return .make(isReplacing: false)
    case .fail:
      throw Failure(
        .outputName,
        "\(location(output)) is already there: remove it, or choose --if-exists skip, verify, overwrite or rename"
      )
    case .skip, .verify: break
    }

    let isOurs = try await isOwn(output, entry)
    let isCurrent = entry.map { $0.fingerprint == fingerprint } ?? false
    switch (isOurs, isCurrent) {
    case (true, true):
      // Also when a kill came between the rename and the ledger's last word.
      if entry?.state != .done, let ledger {
        try attempting { () throws(LedgerError) in try ledger.finish(key) }
      }
      return .keep("its output is up to date")
    case (true, false): return .make(isReplacing: true)
    case (false, _) where job.ifExists == .skip && job.takesOnlyEqualOutputs:
      try await checkOwner(of: output, key)
      if output.misfit(below: roots[output.index]) != nil {
        throw strange(output.path, root: roots[output.index])
      }
      return .make(isReplacing: false)
    case (false, _) where job.ifExists == .skip:
      if let misfit = output.misfit(below: roots[output.index]) { throw misfit }
      return .keep("its output is already there")
    case (false, _):
      if try await isSound(output) { return .keep("its output is sound") }
      try await checkOwner(of: output, key)
      return .make(isReplacing: true)
    }
  }

  private func checkOwner(of output: PlannedFile.Output, _ key: [UInt8]) async throws(Failure) {
    try await offloaded { () throws(Failure) in
      try checkOwner(of: output.path, root: roots[output.index], key: key)
    }
  }

  /// Whether the file at the output's place is the one that the ledger says we have put there.
  private func isOwn(_ output: PlannedFile.Output, _ entry: LedgerEntry?) async throws(Failure) -> Bool {
    guard let digest = entry?.outputDigest, entry?.output == output.path.bytes else { return false }
    return try await content(of: output.path, root: roots[output.index]).map { SHA256.digest($0) } == digest
  }

  /// Whether the file at the output's place decodes to its last pixel and is of the form that it should have.
  private func isSound(_ output: PlannedFile.Output) async throws(Failure) -> Bool {
    guard let bytes = try await content(of: output.path, root: roots[output.index]) else { return false }
    do {
      try await verify(bytes, output, label: location(output), by: .decode, isOpaque: true)
      return true
    } catch  where error.culprit == .input {
      return false
    }
  }

  /// With `rename`, a second run must not make a second copy of what the ledger knows to be made.
  private func madeUnderSomeName(
    _ entry: LedgerEntry?, _ fingerprint: Fingerprint?, _ output: PlannedFile.Output
  ) async throws(Failure) -> String? {
    guard let entry, entry.fingerprint == fingerprint, let path = entry.output.flatMap({ RelativePath($0) }),
      try await content(of: path, root: roots[output.index]).map({ SHA256.digest($0) }) == entry.outputDigest
    else { return nil }
    return "its output is up to date: \(path)"
  }

  /// The finished output of an input with the same content, weights and options, whatever its name; nil if there
  /// is none that is still as we have left it.
  func finishedOutput(
    like fingerprint: Fingerprint?, _ output: PlannedFile.Output
  ) async throws(Failure) -> [UInt8]? {
    guard let ledger, let fingerprint else { return nil }
    let found = try attempting { () throws(LedgerError) in try ledger.finished(like: fingerprint) }
    guard let found, let path = found.output.flatMap({ RelativePath($0) }),
      let bytes = try await content(of: path, root: roots[output.index]),
      SHA256.digest(bytes) == found.outputDigest
    else { return nil }
    return bytes
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
  private func content(of path: RelativePath, root: Folder) async throws(Failure) -> [UInt8]? {
    await offloaded { try? root.folder(path.folder).read(path.name, limit: .max).bytes }
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
