import Acuity
import Batch

/// Says what happens in a batch: a line for each file, how far the run is, and at the end what failed and why.
///
/// With `--log-format json` a line is an object with `time` (ISO 8601), `level` (`info`, `warning` or `error`) and `message`. Of what
/// is said of files and of the run, it also has an `event`:
///
/// | event | with |
/// |---|---|
/// | `done`, for each output, also of a file that `failed` with another | `file`, `output`, `width` and `height` in pixels, `seconds` of computing |
/// | `damaged`, `doubtful`, `skipped`, `failed` | `file`, `reason` |
/// | `progress`, now and then in a run of more than a second | `fraction` of the work that is done, 0 to 1; `eta_seconds` left and the `rate`, work a second, once they can be told |
/// | `stopping` | |
/// | `summary` | `done`, `skipped`, `failed`, `released`, `pixels` of all outputs made, `seconds`, the exit `code` |
/// | `failure`, for each failed file once more at the end | `file`, `reason`, `culprit` (`Failure.Culprit`) |
final class SessionDisplay: Sendable {
  private let plan: BatchPlan
  private let job: Job
  private let roots: [OutputFolder]
  private let progress: BatchProgress
  private let line: ProgressDisplay

  init(plan: BatchPlan, job: Job, roots: [OutputFolder], progress: BatchProgress) {
    self.plan = plan
    self.job = job
    self.roots = roots
    self.progress = progress
    line = ProgressDisplay("working")
  }

  func note(_ event: BatchEvent) {
    switch event {
    case .began: break
    case .started, .progress: showProgress()
    case .finished(_, let outcome):
      report(outcome)
      if !outcome.outputs.isEmpty { showProgress() }
    case .stopping(let reason):
      Console.report(.error, "the run ends here: \(reason)", ["event": "stopping"])
    }
  }

  private func showProgress() {
    guard line.isDue else { return }
    let now = progress.snapshot()
    let files = now.done + now.skipped + now.failed
    var detail = "\(files) of \(now.files) files"
    if now.pixelsPerSecond > 0 { detail += ", \(Text.fixed(now.pixelsPerSecond / 1e6, 2)) MP/s" }
    if let current = now.current.first { detail += ", \(current.label)" }
    line.show(now.meter, at: now.elapsed, detail: detail)
  }

  private func report(_ outcome: FileOutcome) {
    if let damage = outcome.damage {
      Console.report(
        .warning, "\(outcome.input.label): taken as far as it decodes: \(damage)",
        ["event": "damaged", "file": outcome.input.label, "reason": damage])
    }
    if let doubt = outcome.doubt, outcome.result != .skipped(doubt) {
      Console.report(
        .warning, "\(outcome.input.label): \(doubt)",
        ["event": "doubtful", "file": outcome.input.label, "reason": doubt])
    }
    // A file of which another output failed has made some too.
    for output in outcome.outputs {
      let seconds = outcome.times.computing
      let place = job.outputs[output.index].label ?? roots[output.index].location(output.path)
      Console.report(
        .info,
        "\(outcome.input.label) -> \(place) "
          + "\(output.size.width)x\(output.size.height), "
          + (output.isCopy ? "copied from an equal input's" : "\(Text.fixed(seconds, 2)) s"),
        [
          "event": "done", "file": outcome.input.label, "output": place,
          "width": output.size.width, "height": output.size.height, "seconds": seconds,
        ])
    }
    switch outcome.result {
    case .skipped(let reason):
      Console.report(
        reason == outcome.doubt ? .warning : .info, "\(outcome.input.label): skipped: \(reason)",
        ["event": "skipped", "file": outcome.input.label, "reason": reason])
    case .failed(let failure):
      // With a single input the list at the end says it all.
      guard plan.entries.count > 1 else { return }
      Console.report(
        .warning, failure.reason, ["event": "failed", "file": outcome.input.label, "reason": failure.reason])
    case .done, .released: break
    }
  }

  /// The summary, and last of all what failed.
  func finish(_ summary: BatchSummary) {
    line.finish()
    let counts = summary.counts
    var parts = ["\(counts.done) done"]
    if counts.skipped > 0 { parts.append("\(counts.skipped) skipped") }
    if counts.failed > 0 { parts.append("\(counts.failed) failed") }
    if counts.released > 0 { parts.append("\(counts.released) not begun or given back: run again to finish") }
    var text = parts.joined(separator: ", ")
    if summary.outputPixels > 0 {
      text += "; \(Text.fixed(Double(summary.outputPixels) / 1e6, 1)) MP in \(clock(summary.seconds))"
    }
    Console.report(
      .info, text,
      [
        "event": "summary", "done": counts.done, "skipped": counts.skipped, "failed": counts.failed,
        "released": counts.released, "pixels": summary.outputPixels, "seconds": summary.seconds,
        "code": summary.exitCode,
      ])
    for (input, failure) in summary.failures {
      Console.report(
        .error, failure.reason,
        [
          "event": "failure", "file": input.label, "reason": failure.reason,
          "culprit": failure.culprit.rawValue,
        ])
    }
    if summary.stopReason == .interrupted { Console.report(.error, "interrupted") }
  }
}
