package import Batch
package import Folders
import ImageFiles
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

  package func process(_ path: RelativePath, below root: Folder, course: WorkCourse) async -> Outcome {
    do {
      let content = try read(path, below: root)
      let stamp = LedgerEntry.Stamp(size: content.status.size, modified: content.status.modified)
      let fingerprint = Fingerprint(content: SHA256.digest(content.bytes), model: model, options: options)
      let entry = try ledger.entry(for: path.bytes)
      let known = entry?.fingerprint == fingerprint ? entry : nil
      if let known, known.state == .quarantined {
        try ledger.restamp(path.bytes, stamp)
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
        if let reason = Self.incompleteness(error, of: content) { return .incomplete(reason) }
        return try failed(error.reason, attempt)
      }

      let watch = FileProcessor.Watch(
        progress: course.progress, isCancelled: course.isCancelled, waits: course.waits)
      let outcome = await processor.process(planned, watch: watch)
      switch outcome.result {
      case .done: return .done
      case .released: return .released
      case .skipped: return try skipped(attempt, planned)
      case .failed(let failure):
        let outcome = Self.outcome(of: failure, content)
        guard case .failed(let reason) = outcome else { return outcome }
        return try failed(reason, attempt)
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
    let output = planned.outputs.first.map { processor.roots[0].location($0.path.bytes) } ?? ""
    let text =
      "\(output) is there already and is not this input's: remove it, give the inputs different names, or choose "
      + "--if-exists overwrite"
    return try failed(text, attempt)
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

  private func read(_ path: RelativePath, below root: Folder) throws -> FileContent {
    do {
      return try root.folder(path.folder).read(path.name, limit: Int64(processor.job.limits.maxFileSize))
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
    case .tooLarge: .failed(error.description)
    }
  }

  // MARK: Failures

  private static func outcome(of failure: Failure, _ content: FileContent) -> Outcome {
    if let reason = incompleteness(failure, of: content) { return .incomplete(reason) }
    return switch failure.culprit {
    case .input, .usage, .outputName, .model: .failed(failure.reason)
    case .unreadable, .output, .system: .unavailable(failure.reason)
    case .diskFull: .diskFull(failure.reason)
    case .later: .changed
    }
  }

  /// Why the file seems to be still on its way; nil if it is whole, or damaged in another way.
  private static func incompleteness(_ failure: Failure, of content: FileContent) -> String? {
    switch failure.cause {
    case .truncated, .empty: failure.reason
    // The first bytes do not yet tell the format.
    case .unknownFormat where content.bytes.count < 32: failure.reason
    case .corrupt where endsInZeros(content), .unknownFormat where endsInZeros(content):
      failure.reason + " (it ends in zeros, as a file does whose room is taken before its content comes)"
    default: nil
    }
  }

  /// Whether the file may be one whose writer has made it as long as it will be, and has not yet come to its end. Whole
  /// pictures do not end like this: a PNG and a JPEG end in a mark, a WebP in compressed data.
  private static func endsInZeros(_ content: FileContent) -> Bool {
    content.bytes.suffix(64).allSatisfy { $0 == 0 }
  }
}

extension LedgerEntry {
  /// For how long the quarantined input is to be left alone still; nil: for good. Never for longer than a day, whatever
  /// has become of the clock.
  var heldFor: Duration? {
    heldUntil.map { max(.zero, min(.nanoseconds($0 - Ledger.now()), .seconds(24 * 3600))) }
  }
}
