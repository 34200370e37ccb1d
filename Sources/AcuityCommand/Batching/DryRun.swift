import Acuity
import Batch
import Folders

/// Says of a run in which nothing was made what a real one would do, file by file, and how long it would take.
///
/// On standard output, with `--log-format json` as an object a line: of each file its `action` (`make`, `overwrite`, `rename`,
/// `skip`, `fail` or `leave`), `reason`, `size`, `outputs` and `seconds`; last `files`, `outputs`, `pixels` and `seconds` of all. An
/// output with `only_if_opaque` has no place for transparency, and whether there is any only the pixels tell.
struct DryRun {
  private let plan: BatchPlan
  private let summary: BatchSummary
  private let job: Job
  private let roots: [OutputFolder]

  init(_ plan: BatchPlan, _ summary: BatchSummary, job: Job, roots: [OutputFolder]) {
    self.plan = plan
    self.summary = summary
    self.job = job
    self.roots = roots
  }

  /// Prints what was found; the exit code is the one of a run that ends as planned.
  func show() async throws {
    let forecast = await BatchForecast(pending, job, isCancelled: { Interrupts.areRaised })
    try Interrupts.check()
    for (entry, outcome) in zip(plan.entries, summary.outcomes) {
      try Console.print(text(line(entry, outcome, forecast), isMaking: !outcome.orders.isEmpty))
    }
    for note in plan.notes { Console.report(.info, note) }
    let files = pending.files
    let outputs = files.reduce(0) { $0 + $1.outputs.count }
    let pixels = files.reduce(0) { $0 + $1.outputPixels }
    let seconds = forecast.map { $0.seconds(for: files.reduce(0) { $0 + $1.work }) }
    try Console.print(
      Console.format == .json
        ? JSON.text(Total(files: files.count, outputs: outputs, pixels: pixels, seconds: seconds))
        : "\(files.count) \(files.count == 1 ? "file" : "files"), "
          + (outputs == files.count ? "" : "\(outputs) outputs, ")
          + "\(Text.fixed(Double(pixels) / 1e6, 2)) MP of output"
          + (seconds.map { ", about \(Self.duration($0))" } ?? ""))
    if plan.isWithoutPictures { throw CommandFailure(.unreadable, "there are no pictures to work on") }
    for (_, failure) in summary.failures { Console.report(.error, failure.reason) }
    guard summary.exitCode == 0 else { throw ExitStatus(code: summary.exitCode) }
  }

  /// The files of which something is to be made, with the outputs that are.
  private var pending: BatchPlan {
    BatchPlan(
      entries: zip(plan.entries, summary.outcomes).compactMap { entry, outcome in
        guard case .work(var file) = entry, !outcome.orders.isEmpty else { return nil }
        file.outputs = outcome.orders.map(\.output)
        return .work(file)
      })
  }

  // MARK: Lines

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
      var onlyIfOpaque: Bool?
    }
  }

  private struct Total: Encodable {
    var files: Int
    var outputs: Int
    var pixels: Int
    var seconds: Double?
  }

  private func line(_ entry: BatchPlan.Entry, _ outcome: FileOutcome, _ forecast: BatchForecast?) -> Line {
    var line = Line(file: entry.input.label, action: action(outcome.orders))
    switch outcome.result {
    case .done: break
    case .skipped(let reason): (line.action, line.reason) = ("skip", reason)
    case .failed(let failure): (line.action, line.reason) = ("fail", failure.reason)
    case .released(let reason): (line.action, line.reason) = ("leave", reason)
    }
    guard case .work(let file) = entry else { return line }
    line.size = "\(file.size.width)x\(file.size.height)"
    guard !outcome.orders.isEmpty else {
      line.outputs = file.outputs.map { self.output($0, at: $0.path, exists: $0.existing != nil) }
      return line
    }
    line.outputs = outcome.orders.map { output($0.output, at: $0.path, exists: $0.isReplacing) }
    line.seconds = forecast.map { $0.seconds(for: outcome.orders.reduce(0) { $0 + $1.output.work }) }
    return line
  }

  private func output(_ output: PlannedFile.Output, at path: RelativePath, exists: Bool) -> Line.Output {
    Line.Output(
      path: job.outputs[output.index].label ?? roots[output.index].location(path),
      width: output.size.width, height: output.size.height, format: output.format.name, exists: exists,
      onlyIfOpaque: output.unlessOpaque == nil ? nil : true)
  }

  /// What becomes of a file of which outputs are made, in view of what is in their places.
  private func action(_ orders: [OutputOrder]) -> String {
    if orders.contains(where: \.isReplacing) { return "overwrite" }
    return orders.contains { $0.path != $0.output.path } ? "rename" : "make"
  }

  private func text(_ line: Line, isMaking: Bool) -> String {
    if Console.format == .json { return JSON.text(line) }
    var text = line.file
    if isMaking, let size = line.size, let outputs = line.outputs {
      let made = outputs.map {
        "\($0.path) \($0.width)x\($0.height) \($0.format)"
          + ($0.onlyIfOpaque == true ? " if no pixel is transparent" : "")
      }
      text += " \(size) -> " + made.joined(separator: ", ")
      if let seconds = line.seconds { text += ", about \(Self.duration(seconds))" }
    }
    if let reason = line.reason {
      // Most reasons begin with the file's name already.
      text = !isMaking && reason.hasPrefix(line.file + ": ") ? reason : "\(text): \(reason)"
    }
    return "\(line.action) \(text)"
  }

  private static func duration(_ seconds: Double) -> String {
    seconds < 60 ? "\(Text.fixed(seconds, 1)) s" : clock(seconds)
  }
}
