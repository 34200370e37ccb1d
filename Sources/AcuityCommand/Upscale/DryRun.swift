import Acuity
import Batch
import Folders

/// Says what a run would do, file by file, and how long it would take.
struct DryRun {
  let plan: BatchPlan
  let job: Job

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
    for entry in plan.entries { try Console.print(text(entry, forecast)) }
    for note in plan.notes { Console.report(.info, note) }
    let files = pending.files
    let pixels = files.reduce(0) { $0 + $1.outputPixels }
    let seconds = forecast.map { $0.seconds(for: files.reduce(0) { $0 + $1.work }) }
    try Console.print(
      Console.format == .json
        ? JSON.text(Total(files: files.count, pixels: pixels, seconds: seconds))
        : "\(files.count) \(files.count == 1 ? "file" : "files"), \(Text.fixed(Double(pixels) / 1e6, 2)) MP of output"
          + (seconds.map { ", about \(Self.duration($0))" } ?? ""))
    let outcomes = plan.entries.map { entry in
      switch entry {
      case .work(let file):
        FileOutcome(input: file.input, result: refusal(of: file).map { .failed($0) } ?? .done)
      case .failed(let input, let failure): FileOutcome(input: input, result: .failed(failure))
      case .skipped(let input, let reason): FileOutcome(input: input, result: .skipped(reason))
      }
    }
    let summary = BatchSummary(plan, outcomes: outcomes, seconds: 0)
    if plan.isWithoutPictures { throw Failure(.unreadable, "there are no pictures to work on") }
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
      entries: plan.entries.filter { entry in
        guard case .work(let file) = entry else { return false }
        return !["skip", "fail"].contains(action(file))
      })
  }

  /// Why a run would fail over what is there already in the place of a file's outputs.
  private func refusal(of file: PlannedFile) -> Batch.Failure? {
    let existing = file.outputs.filter { $0.existing != nil }
    switch job.ifExists {
    case .fail:
      return existing.first.map { Batch.Failure(.outputName, "\(location($0)) is already there") }
    case .skip:
      return existing.lazy.compactMap { output in
        (try? Folder(job.outputs[output.index].root)).flatMap { output.misfit(below: $0) }
      }.first
    case .verify, .overwrite, .rename: return nil
    }
  }

  private func location(_ output: PlannedFile.Output) -> String {
    let root = escaped(job.outputs[output.index].root)
    return job.outputs[output.index].label
      ?? (root.hasSuffix("/") ? root : root + "/") + output.path.description
  }

  private func action(_ file: PlannedFile) -> String {
    if refusal(of: file) != nil { return "fail" }
    guard file.outputs.allSatisfy({ $0.existing != nil }) else { return "make" }
    return switch job.ifExists {
    case .skip: "skip"
    case .verify: "verify"
    case .overwrite: "overwrite"
    case .rename: "rename"
    case .fail: "fail"
    }
  }

  private func text(_ entry: BatchPlan.Entry, _ forecast: BatchForecast?) -> String {
    var line: Line
    switch entry {
    case .work(let file):
      line = Line(file: file.input.label, action: action(file))
      line.size = "\(file.size.width)x\(file.size.height)"
      line.outputs = file.outputs.map { output in
        Line.Output(
          path: location(output), width: output.size.width, height: output.size.height,
          format: output.format.name,
          exists: output.existing != nil)
      }
      line.reason = refusal(of: file)?.reason
      if line.action != "skip" && line.reason == nil {
        line.seconds = forecast.map { $0.seconds(for: file.work) }
      }
    case .failed(let input, let failure):
      line = Line(file: input.label, action: "fail", reason: failure.reason)
    case .skipped(let input, let reason):
      line = Line(file: input.label, action: "skip", reason: reason)
    }
    if Console.format == .json { return JSON.text(line) }
    guard let size = line.size else { return "\(line.action) \(line.file): \(line.reason ?? "")" }
    let outputs = (line.outputs ?? []).map { "\($0.path) \($0.width)x\($0.height) \($0.format)" }
    return "\(line.action) \(line.file) \(size) -> " + outputs.joined(separator: ", ")
      + (line.seconds.map { ", about \(Self.duration($0))" } ?? "")
  }

  private static func duration(_ seconds: Double) -> String {
    seconds < 60 ? "\(Text.fixed(seconds, 1)) s" : clock(seconds)
  }
}
