import Acuity
package import Batch
package import Folders
package import Ledger

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The batch processor's core at work in a watched folder: one output an input, with a ledger.
package struct PictureProcessor: InputProcessor {
  private var processor: FileProcessor
  private let ledger: Ledger

  /// The processor is that of a job with one output, with the same ledger.
  package init(_ processor: FileProcessor, ledger: Ledger) {
    precondition(processor.job.outputs.count == 1 && processor.ledger === ledger)
    self.processor = processor
    self.processor.hasLedgerOfItsOwn = true
    self.processor.trustsStamps = false
    self.ledger = ledger
  }

  package var model: SHA256.Digest { processor.job.outputs[0].modelDigest }
  package var options: SHA256.Digest { processor.job.optionsDigest(0) }

  package func process(
    _ path: RelativePath, below root: Folder, unchangedFor quiet: Duration, course: WorkCourse
  ) async -> Outcome {
    do {
      let completeness = try read(path, below: root, unchangedFor: quiet)
      let content = completeness.content
      let stamp = LedgerEntry.Stamp(content.status)
      let fingerprint = Fingerprint(content: SHA256.digest(content.bytes), model: model, options: options)
      let entry = try ledger.entry(for: path.bytes)
      let known = entry?.fingerprint == fingerprint ? entry : nil
      if let known, known.hasLeft || known.state == .quarantined { try ledger.restamp(path.bytes, stamp) }
      if let known, known.state == .quarantined {
        if let rest = known.heldFor {
          if rest > .zero { return .held(known.reason ?? "it is held back", for: rest) }
        } else {
          return .givenUp(known.reason ?? "an earlier run gave it up")
        }
      }
      let attempt = Attempt(
        path: path, stamp: stamp, fingerprint: fingerprint, former: known?.attempts ?? 0)

      let planned: PlannedFile
      do throws(Failure) {
        planned = try processor.job.plan(BatchInput(path, below: root), bytes: content.bytes)
        try planned.checkMemory(limit: processor.job.maxMemory)
      } catch {
        return try outcome(of: error, completeness, attempt)
      }
      // What was taken for whole once is not doubted again.
      if known?.state != .done, let doubt = completeness.doubt(about: planned.format) { return doubt }
      if let reason = try departedOwner(of: planned.outputs[0].path, entry, fingerprint) {
        return .refused(reason)
      }

      let watch = FileProcessor.Watch(
        progress: course.progress, isCancelled: course.isCancelled, waits: course.waits)
      switch await processor.process(planned, watch: watch).result {
      case .done: return .done
      case .released: return .released
      case .skipped: return try skipped(attempt, planned)
      case .failed(let failure): return try outcome(of: failure, completeness, attempt)
      }
    } catch let outcome as Unread {
      return outcome.outcome
    } catch LedgerError.diskFull(let path) {
      return .diskFull("no space left for the ledger \(path)")
    } catch {
      return .unavailable("\(error)")
    }
  }

  /// Skipped is only as good as done if the output that is there is this input's own.
  private func skipped(_ attempt: Attempt, _ planned: PlannedFile) throws -> Outcome {
    let path = attempt.path.bytes
    if let entry = try ledger.entry(for: path), entry.state == .done, entry.fingerprint == attempt.fingerprint
    {
      if entry.stamp != attempt.stamp { try ledger.restamp(path, attempt.stamp) }
      return .done
    }
    let output = planned.outputs.first.map { processor.roots[0].location($0.path) } ?? ""
    return .refused("\(output) is there already and is not this input's: \(processor.job.makingWay)")
  }

  /// Why the output is not to be replaced: it is all that is left of an input of the same name that was taken out of the
  /// folder. Nil if there is no such thing, or the user wants outputs replaced.
  private func departedOwner(
    of output: RelativePath, _ entry: LedgerEntry?, _ fingerprint: Fingerprint
  ) throws -> String? {
    guard let entry, entry.hasLeft, processor.job.ifExists == .skip, entry.output == output.bytes,
      entry.fingerprint.content != fingerprint.content || entry.outputDigest == nil,
      let found = processor.roots[0].content(of: output),
      entry.owns(SHA256.digest(found.bytes))
    else { return nil }
    return
      "\(processor.roots[0].location(output)) is there already and is that of another picture, which had "
      + "this name before: \(processor.job.makingWay)"
  }

  /// Counts the attempt, unless the processor has: one that ended before it came to the ledger counts too.
  private func failed(_ reason: String, _ attempt: Attempt) throws -> Outcome {
    let entry = try ledger.entry(for: attempt.path.bytes)
    if entry?.fingerprint != attempt.fingerprint || (entry?.attempts ?? 0) <= attempt.former {
      try ledger.begin(attempt.path.bytes, stamp: attempt.stamp, fingerprint: attempt.fingerprint)
      try ledger.fail(attempt.path.bytes, reason: reason)
    }
    return .failed(reason)
  }

  private struct Attempt {
    let path: RelativePath
    let stamp: LedgerEntry.Stamp
    let fingerprint: Fingerprint
    /// Attempts at this fingerprint before this one.
    let former: Int
  }

  // MARK: Reading

  private struct Unread: Error {
    let outcome: Outcome
  }

  private func read(
    _ path: RelativePath, below root: Folder, unchangedFor quiet: Duration
  ) throws -> Completeness {
    do {
      let folder = try root.folder(path.folder)
      // First, for what has been read may count as written, and a writer may come to its end meanwhile.
      let (hasHoles, isBeingWritten) = (folder.hasHoles(path.name), folder.isBeingWritten(path.name))
      let content = try folder.read(path.name, limit: Int64(processor.job.limits.maxFileSize))
      return Completeness(
        content: content, hasHoles: hasHoles, isBeingWritten: isBeingWritten, quiet: quiet)
    } catch let error as ReadError {
      throw Unread(outcome: Self.outcome(of: error))
    } catch let error as FileError {
      throw Unread(outcome: Self.outcome(of: .failed(error)))
    }
  }

  private static func outcome(of error: ReadError) -> Outcome {
    switch error {
    case .changedMeanwhile, .notAFile: .changed
    case .failed(let error) where [ENOENT, ENOTDIR, ELOOP].contains(error.code): .changed
    case .failed(let error): .unavailable(error.description)
    case .tooLarge: .refused(error.description)
    }
  }

  // MARK: Failures

  private func outcome(
    of failure: Failure, _ completeness: Completeness, _ attempt: Attempt
  ) throws -> Outcome {
    if let doubt = completeness.doubt(about: failure) { return doubt }
    switch failure.culprit {
    case .input where failure.isOfLimits: return .refused(failure.reason)
    case .input, .usage, .model: return try failed(failure.reason, attempt)
    case .outputName: return .refused(failure.reason)
    case .unreadable, .output, .system: return .unavailable(failure.reason)
    case .diskFull: return .diskFull(failure.reason)
    case .later: return .changed
    }
  }
}

extension LedgerEntry {
  /// For how long the quarantined input is to be left alone still; nil: for good. Never for longer than a day, whatever
  /// has become of the clock.
  var heldFor: Duration? {
    heldUntil.map { max(.zero, min(.nanoseconds($0 - Ledger.now()), .seconds(24 * 3600))) }
  }
}
