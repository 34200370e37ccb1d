import Acuity
import Batch
import Folders
import Ledger

/// Says what a run would do, file by file, and how long it would take.
struct DryRun {
  let plan: BatchPlan
  let job: Job
  /// In the order of the plan's entries.
  private let verdicts: [Verdict]

  /// What would become of an entry.
  private enum Verdict {
    /// It is worked on; the word says how.
    case work(String)
    case skip(String?)
    case fail(Batch.Failure)
  }

  /// - Throws: `Failure` where the run would not begin, or the ledger cannot be read.
  init(_ plan: BatchPlan, job: Job, ledger: Ledger?) throws(Batch.Failure) {
    (self.plan, self.job) = (plan, job)
    for output in job.outputs {
      do { try Folder.checkUsable(output.root) } catch { throw Batch.Failure(writing: error) }
    }
    var verdicts: [Verdict] = []
    for entry in plan.entries {
      switch entry {
      case .work(let file):
        if let refusal = file.refusal {
          verdicts.append(.fail(refusal))
        } else {
          verdicts.append(try Self.verdict(file, job, ledger))
        }
      case .failed(_, let failure): verdicts.append(.fail(failure))
      case .skipped(_, let reason): verdicts.append(.skip(reason))
      }
    }
    self.verdicts = verdicts
  }

  private static func verdict(
    _ file: PlannedFile, _ job: Job, _ ledger: Ledger?
  ) throws(Batch.Failure) -> Verdict {
    let existing = file.outputs.filter { $0.existing != nil }
    let areAll = existing.count == file.outputs.count
    switch job.ifExists {
    case .fail:
      guard let first = existing.first else { return .work("make") }
      return .fail(Batch.Failure(.outputName, "\(location(first, job)) is already there"))
    case .skip:
      var isCurrent = areAll
      for output in existing {
        if let entry = try entry(of: file, output, job, ledger), entry.output == output.path.bytes {
          // It is ours: made again if anything has changed, or if it is not as it was left.
          isCurrent =
            isCurrent && job.isCurrent(entry, for: output, of: file)
            && job.isUntouched(output, since: entry)
        } else if let root = try? Folder(job.outputs[output.index].root),
          let misfit = output.misfit(below: root)
        {
          return .fail(misfit)
        }
      }
      return isCurrent ? .skip(nil) : .work("make")
    case .verify: return .work(areAll ? "verify" : "make")
    case .overwrite: return .work(areAll ? "overwrite" : "make")
    case .rename: return .work(areAll ? "rename" : "make")
    }
  }

  private static func entry(
    of file: PlannedFile, _ output: PlannedFile.Output, _ job: Job, _ ledger: Ledger?
  ) throws(Batch.Failure) -> LedgerEntry? {
    do {
      return try ledger.flatMap { ledger throws(LedgerError) in
        try job.entry(job.ledgerKey(file.input, output), of: file.input, output, in: ledger)
      }
    } catch {
      throw Batch.Failure(error)
    }
  }

  private struct Line: Encodable {
    var file: String
    var action: String
    var reason: String?
    var size: String?
    var outputs: [Output]?
    var seconds: Double?

    struct Output: Encodable {
      var path: String
      var width: Int
      var height: Int
      var format: String
      var exists: Bool
    }
  }

  /// Prints the plan; the exit code is the one of a run that ends as planned.
  func show() async throws {
    let forecast = await BatchForecast(pending, job)
    try Interrupts.check()
    for (entry, verdict) in zip(plan.entries, verdicts) {
      try Console.print(text(entry, verdict, forecast))
    }
    for note in plan.notes { Console.report(.info, note) }
    let files = pending.files
    let pixels = files.reduce(0) { $0 + $1.outputPixels }
    let seconds = forecast.map { $0.seconds(for: files.reduce(0) { $0 + $1.work }) }
    try Console.print(
      Console.format == .json
        ? JSON.text(Total(files: files.count, pixels: pixels, seconds: seconds))
        : "\(files.count) \(files.count == 1 ? "file" : "files"), \(Text.fixed(Double(pixels) / 1e6, 2)) MP of output"
          + (seconds.map { ", about \(Self.duration($0))" } ?? ""))
    let outcomes = zip(plan.entries, verdicts).map { entry, verdict in
      switch verdict {
      case .work: FileOutcome(input: entry.input, result: .done)
      case .skip(let reason):
        FileOutcome(input: entry.input, result: .skipped(reason ?? "its output is there"))
      case .fail(let failure): FileOutcome(input: entry.input, result: .failed(failure))
      }
    }
    let summary = BatchSummary(plan, outcomes: outcomes, seconds: 0)
    if plan.isWithoutPictures { throw CommandFailure(.unreadable, "there are no pictures to work on") }
    for outcome in outcomes { if let failure = outcome.failure { Console.report(.error, failure.reason) } }
    guard summary.exitCode == 0 else { throw ExitStatus(rawValue: summary.exitCode) ?? .someInputsFailed }
  }

  private struct Total: Encodable {
    var files: Int
    var pixels: Int
    var seconds: Double?
  }

  /// What is left when existing outputs are kept.
  private var pending: BatchPlan {
    BatchPlan(
      entries: zip(plan.entries, verdicts).compactMap { entry, verdict in
        if case .work = verdict { entry } else { nil }
      })
  }

  private static func location(_ output: PlannedFile.Output, _ job: Job) -> String {
    let root = escaped(job.outputs[output.index].root)
    return job.outputs[output.index].label
      ?? (root.hasSuffix("/") ? root : root + "/") + output.path.description
  }

  private func text(_ entry: BatchPlan.Entry, _ verdict: Verdict, _ forecast: BatchForecast?) -> String {
    var line: Line
    switch verdict {
    case .work(let action): line = Line(file: entry.input.label, action: action)
    case .skip(let reason): line = Line(file: entry.input.label, action: "skip", reason: reason)
    case .fail(let failure): line = Line(file: entry.input.label, action: "fail", reason: failure.reason)
    }
    if case .work(let file) = entry {
      line.size = "\(file.size.width)x\(file.size.height)"
      line.outputs = file.outputs.map { output in
        Line.Output(
          path: Self.location(output, job), width: output.size.width, height: output.size.height,
          format: output.format.name, exists: output.existing != nil)
      }
      if case .work = verdict { line.seconds = forecast.map { $0.seconds(for: file.work) } }
    }
    if Console.format == .json { return JSON.text(line) }
    guard let size = line.size else {
      let reason = line.reason ?? ""
      // Most reasons begin with the file's name already.
      return "\(line.action) " + (reason.hasPrefix(line.file + ": ") ? reason : "\(line.file): \(reason)")
    }
    let outputs = (line.outputs ?? []).map { "\($0.path) \($0.width)x\($0.height) \($0.format)" }
    return "\(line.action) \(line.file) \(size) -> " + outputs.joined(separator: ", ")
      + (line.seconds.map { ", about \(Self.duration($0))" } ?? "")
  }

  private static func duration(_ seconds: Double) -> String {
    seconds < 60 ? "\(Text.fixed(seconds, 1)) s" : clock(seconds)
  }
}
