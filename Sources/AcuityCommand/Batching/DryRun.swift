import Acuity
import Batch

/// Says of a run in which nothing was made what a real one would do, file by file, and how long it would take.
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
    let forecast = await BatchForecast(pending, job)
    try Interrupts.check()
    for (entry, outcome) in zip(plan.entries, summary.outcomes) {
      try Console.print(text(line(entry, outcome, forecast)))
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
    if plan.isWithoutPictures { throw CommandFailure(.unreadable, "there are no pictures to work on") }
    for (_, failure) in summary.failures { Console.report(.error, failure.reason) }
    guard summary.exitCode == 0 else { throw ExitStatus(rawValue: summary.exitCode) ?? .someInputsFailed }
  }

  /// The files of which something is to be made, with the outputs that are.
  private var pending: BatchPlan {
    BatchPlan(
      entries: zip(plan.entries, summary.outcomes).compactMap { entry, outcome in
        guard case .work(var file) = entry, !outcome.orders.isEmpty else { return nil }
        file.outputs = outputs(of: file, outcome)
        return .work(file)
      })
  }

  /// The file's outputs that are to be made.
  private func outputs(of file: PlannedFile, _ outcome: FileOutcome) -> [PlannedFile.Output] {
    let indices = Set(outcome.orders.map(\.output.index))
    return file.outputs.filter { indices.contains($0.index) }
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
    }
  }

  private struct Total: Encodable {
    var files: Int
    var pixels: Int
    var seconds: Double?
  }

  private func line(_ entry: BatchPlan.Entry, _ outcome: FileOutcome, _ forecast: BatchForecast?) -> Line {
    var pending: [PlannedFile.Output] = []
    if case .work(let file) = entry { pending = outputs(of: file, outcome) }
    var line = Line(file: entry.input.label, action: action(outcome, pending))
    switch outcome.result {
    case .done: break
    case .skipped(let reason): (line.action, line.reason) = ("skip", reason)
    case .failed(let failure): (line.action, line.reason) = ("fail", failure.reason)
    case .released(let reason): (line.action, line.reason) = ("leave", reason)
    }
    guard case .work(let file) = entry else { return line }
    line.size = "\(file.size.width)x\(file.size.height)"
    line.outputs = (pending.isEmpty ? file.outputs : pending).map { output in
      Line.Output(
        path: job.outputs[output.index].label ?? roots[output.index].location(output.path),
        width: output.size.width, height: output.size.height, format: output.format.name,
        exists: output.existing != nil)
    }
    if !pending.isEmpty {
      line.seconds = forecast.map { $0.seconds(for: pending.reduce(0) { $0 + $1.work }) }
    }
    return line
  }

  /// What becomes of a file of which outputs are made, in view of what is in their places.
  private func action(_ outcome: FileOutcome, _ pending: [PlannedFile.Output]) -> String {
    if outcome.orders.contains(where: \.isReplacing) { return "overwrite" }
    return job.ifExists == .rename && pending.contains { $0.existing != nil } ? "rename" : "make"
  }

  private func text(_ line: Line) -> String {
    if Console.format == .json { return JSON.text(line) }
    var text = line.file
    // Where something is made, also if another output of the file cannot be.
    if line.reason == nil || line.seconds != nil, let size = line.size, let outputs = line.outputs {
      let made = outputs.map { "\($0.path) \($0.width)x\($0.height) \($0.format)" }
      text += " \(size) -> " + made.joined(separator: ", ")
      if let seconds = line.seconds { text += ", about \(Self.duration(seconds))" }
    }
    if let reason = line.reason {
      // Most reasons begin with the file's name already.
      text = text == line.file && reason.hasPrefix(line.file + ": ") ? reason : "\(text): \(reason)"
    }
    return "\(line.action) \(text)"
  }

  private static func duration(_ seconds: Double) -> String {
    seconds < 60 ? "\(Text.fixed(seconds, 1)) s" : clock(seconds)
  }
}
