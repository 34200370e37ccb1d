import Acuity
package import Folders
package import Ledger

/// What is done about an output, given what is there already.
enum Decision: Sendable, Equatable {
  /// Nothing, and why; `isDoubtful` if the file that is kept is not the one that was made.
  case keep(String, isDoubtful: Bool = false)
  /// It is made; `isReplacing` allows it to take an existing file's place.
  case make(isReplacing: Bool)
}

extension FileProcessor {
  /// Why nothing is to be done for the file, as far as that shows without reading it; nil if it has to be read.
  func reasonToKeepUnread(_ file: PlannedFile) throws(Failure) -> String? {
    guard job.ifExists == .skip, ledger == nil || trustsStamps else { return nil }
    let input = ledger == nil ? nil : try? file.input.folder().status(file.input.name)
    for output in file.outputs {
      guard let status = try status(of: output), status.kind == .file else { return nil }
      guard let ledger else {
        if let misfit = misfit(output) {
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
      guard let entry, let input, job.isCurrent(entry, for: output, of: input),
        entry.outputStamp == LedgerEntry.Stamp(output: status),
        misfit(output) == nil,
        // What is in its way is said of this output alone.
        let kept = try? keepAttributes(of: input, on: output, status)
      else { return nil }
      try note(entry, under: key, .init(input), .init(output: kept))
    }
    return ledger == nil ? "its output is already there" : "its output is up to date"
  }

  /// What is done about one output of the file, whose content is known by now.
  func decision(
    for output: PlannedFile.Output, of file: PlannedFile, status inputStatus: FileStatus?,
    fingerprint: Fingerprint?
  ) async throws(Failure) -> Decision {
    let status = try status(of: output)
    let key = key(file.input, output)
    let records = try records(of: output, of: file.input, key, fingerprint)
    if job.ifExists == .rename, let reason = try await madeUnderSomeName(records, fingerprint, output) {
      return .keep(reason)
    }
    guard let status else { return .make(isReplacing: false) }
    // Beside whatever it is there is another name.
    if job.ifExists != .rename { try checkKind(status.kind, output) }
    switch job.ifExists {
    case .overwrite:
      try await checkOwner(of: output, key, fingerprint)
      return .make(isReplacing: true)
    case .rename: return .make(isReplacing: false)
    case .fail:
      throw Failure(
        .outputName,
        "\(location(output)) is already there: remove it, or choose otherwise"
          + job.hint((.ifExists, ["skip", "verify", "overwrite", "rename"])))
    case .skip, .verify: break
    }

    switch try await claim(to: output, records, fingerprint) {
    case .current(let record, let status):
      if let inputStatus {
        let kept = try keepAttributes(of: inputStatus, on: output, status)
        try note(record, under: key, .init(inputStatus), .init(output: kept))
      }
      return .keep("its output is up to date")
    case .own: return .make(isReplacing: true)
    case .none:
      try await checkOwner(of: output, key, fingerprint)
      let wasMade = records.contains { $0.output == output.path.bytes && $0.outputDigest != nil }
      return try await decisionByForm(of: output, wasMade: wasMade)
    }
  }

  /// Refuses what is no file, and a link where it is not to be replaced or leads to none.
  private func checkKind(_ kind: FileStatus.Kind, _ output: PlannedFile.Output) throws(Failure) {
    guard kind == .file || (kind == .symbolicLink && job.ifExists != .verify) else {
      throw Failure(
        .outputName, "\(location(output)) is in the way: it is a \(kind), not a file; choose another name")
    }
    if kind == .symbolicLink, let target = try status(of: output, followingLinks: true)?.kind, target != .file
    {
      throw Failure(
        .outputName,
        "\(location(output)) is a link to a \(target), not to a file: choose another name, or standard output (-o -)"
      )
    }
  }

  /// What is done about an output of which nobody knows where it comes from: its form alone says whether it can be this one.
  /// Where the ledger knows of another file that was made in its place (`wasMade`), it has been edited, or is damaged where
  /// decoding does not show it.
  private func decisionByForm(of output: PlannedFile.Output, wasMade: Bool) async throws(Failure) -> Decision
  {
    if job.ifExists == .verify {
      let isGood = wasMade ? false : try await isSound(output)
      return isGood ? .keep("its output is sound") : .make(isReplacing: true)
    }
    let misfit = misfit(output)
    guard job.takesOnlyEqualOutputs else {
      if let misfit { throw misfit }
      guard wasMade else { return .keep("its output is already there") }
      return .keep(
        "\(location(output)) is no longer the file that was made, but edited or damaged, and was left as it is"
          + job.hint((.ifExists, ["verify", "overwrite"])), isDoubtful: true)
    }
    if misfit != nil { throw strange(output.path, root: roots[output.index]) }
    return .make(isReplacing: false)
  }

  /// Gives an output that is current the time and the permissions of its input, where the job keeps them and it was made
  /// without.
  ///
  /// - Returns: how the output looks then.
  private func keepAttributes(
    of input: FileStatus, on output: PlannedFile.Output, _ status: FileStatus
  ) throws(Failure) -> FileStatus {
    let bits: UInt32 = 0o777
    let isOtherwise = input.permissions & bits != status.permissions & bits
    let permissions = job.keepsPermissions && isOtherwise ? input.permissions & bits : nil
    let modified = job.keepsModificationTime && input.modified != status.modified ? input.modified : nil
    guard !isDry, permissions != nil || modified != nil else { return status }
    do throws(FileError) {
      return try roots[output.index].folder(of: output.path).set(
        permissions: permissions, modified: modified, of: output.path.name)
    } catch {
      throw Failure(writing: error)
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

  // MARK: Looking at outputs

  func location(_ output: PlannedFile.Output) -> String {
    roots[output.index].location(output.path)
  }

  /// Refuses an output whose folder takes no files, before hours of computing are spent on it.
  func checkPlace(of output: PlannedFile.Output) throws(Failure) {
    do throws(FileError) {
      try roots[output.index].checkWritable(output.path)
    } catch {
      throw Failure(writing: error)
    }
  }

  func status(
    of output: PlannedFile.Output, followingLinks: Bool = false
  ) throws(Failure) -> FileStatus? {
    try status(of: output.path, in: roots[output.index], followingLinks: followingLinks)
  }

  /// Nil if there is nothing.
  func status(
    of path: RelativePath, in root: OutputFolder, followingLinks: Bool = false
  ) throws(Failure) -> FileStatus? {
    do throws(FileError) {
      return try root.folder(of: path).status(path.name, followingLinks: followingLinks)
    } catch {
      if error.isAbsence { return nil }
      throw Failure(writing: error)
    }
  }

  /// nil if there is no such file, or none that can be read.
  func content(of path: RelativePath, root: OutputFolder) async -> FileContent? {
    await offloaded { root.content(of: path) }
  }

  /// The bytes of the file in the output's place; nil if there is none.
  func bytes(of output: PlannedFile.Output) async throws(Failure) -> [UInt8]? {
    let (path, root) = (output.path, roots[output.index])
    return try await offloaded { () throws(Failure) in
      do {
        return try root.folder(of: path).read(path.name, limit: .max).bytes
      } catch let error as FileError {
        if error.isAbsence { return nil }
        throw Failure(reading: .failed(error))
      } catch let error as ReadError {
        if case .failed(let error) = error, error.isAbsence { return nil }
        throw Failure(reading: error)
      } catch {
        preconditionFailure("\(error)")
      }
    }
  }
}

extension LedgerEntry.Stamp {
  package init(_ status: FileStatus) {
    self.init(size: status.size, modified: status.modified, changed: status.changed)
  }

  /// Of an output, which was looked at before it got its name.
  init(output status: FileStatus) {
    self.init(size: status.size, modified: status.modified)
  }
}

extension Job {
  /// Whether the entry tells of this output, made of the input as it is now by this model and these options.
  func isCurrent(_ entry: LedgerEntry, for output: PlannedFile.Output, of input: FileStatus) -> Bool {
    entry.state == .done && entry.output == output.path.bytes
      && entry.fingerprint.model == outputs[output.index].modelDigest
      && entry.fingerprint.options == optionsDigest(output.index)
      && entry.stamp.matches(LedgerEntry.Stamp(input))
  }
}

extension FileProcessor {
  /// Why what stands in the output's place cannot be taken for it, by its header and its end: exit code 0 says that every
  /// input has its output. Nil if it can. A link stands for what it leads to.
  func misfit(_ output: PlannedFile.Output) -> Failure? {
    let (root, path) = (roots[output.index], output.path)
    var header: ImageHeader?
    var isWhole = false
    do {
      try root.folder(of: path).withFile(path.name, limit: .max, followingLinks: true) {
        (file, _) throws(ReadError) in
        let limits = Limits(maxFileSize: .max)
        do throws(ImageFileError) {
          header = try ImageFile.header(descriptor: file, limits: limits)
          isWhole = try ImageFile.reachesItsEnd(descriptor: file, limits: limits)
        } catch {
          // Whether it is sound cannot be told, and whoever removed it might lose a good one.
          guard case .cannotRead(let code) = error.cause else { return }
          throw .failed(FileError(.read, root.location(path), code: code))
        }
      }
    } catch ReadError.failed(let error) where error.isAbsence {
      // A link that leads to nothing.
    } catch let error as ReadError {
      return Failure(reading: error)
    } catch let error as FileError {
      return Failure(reading: .failed(error))
    } catch {
      preconditionFailure("\(error)")
    }
    let (format, size) = (output.format, output.size)
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
      "\(root.location(path)) is already there and was left as it is, but it \(found), not \(form): remove it, or "
        + "choose otherwise" + job.hint((.ifExists, ["verify", "overwrite", "rename"])))
  }
}
