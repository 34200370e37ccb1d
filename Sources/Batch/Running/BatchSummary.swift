/// How a batch ended.
package struct BatchSummary: Sendable {
  /// What became of each entry of the plan, in its order; entries that were never begun are `released`.
  package let outcomes: [FileOutcome]
  package let stopReason: StopSignal.Reason?
  /// Seconds from the first file's start to the last one's end.
  package let seconds: Double
  /// The exit code of what was to tell of the run, events or report, and could not be written; 0 if all could.
  package var accountCode: Int32 = 0
  private let isWithoutPictures: Bool

  package init(
    _ plan: BatchPlan, outcomes: [FileOutcome], stopReason: StopSignal.Reason? = nil, seconds: Double
  ) {
    isWithoutPictures = plan.isWithoutPictures
    self.outcomes = outcomes
    self.stopReason = stopReason
    self.seconds = seconds
  }

  package struct Counts: Sendable, Equatable {
    package var done = 0
    package var skipped = 0
    package var failed = 0
    package var released = 0
  }

  package var counts: Counts {
    outcomes.reduce(into: Counts()) { counts, outcome in
      switch outcome.result {
      case .done: counts.done += 1
      case .skipped: counts.skipped += 1
      case .failed: counts.failed += 1
      case .released: counts.released += 1
      }
    }
  }

  package var failures: [(input: BatchInput, failure: Failure)] {
    outcomes.compactMap { outcome in outcome.failure.map { (outcome.input, $0) } }
  }

  /// Pixels of all outputs made.
  package var outputPixels: Int { outcomes.reduce(0) { $0 + $1.outputPixels } }

  /// 0 if every input has a good output and the run could be told of, 66 if there is no input. If nothing was achieved and
  /// every failure is of one kind, that kind's code; 1 if some inputs failed; 130 after an interruption, 74 when the disk was
  /// full, 73 when no output could be made any more.
  package var exitCode: Int32 {
    switch stopReason {
    case .interrupted: return 130
    case .diskFull: return Failure.Culprit.diskFull.exitCode
    case .unwritable: return Failure.Culprit.output.exitCode
    case .failure, nil: break
    }
    if isWithoutPictures { return Failure.Culprit.unreadable.exitCode }
    let codes = Set(failures.map { $0.failure.culprit.exitCode })
    guard let code = codes.first else { return accountCode }
    let counts = counts
    return counts.done + counts.skipped == 0 && codes.count == 1 ? code : 1
  }
}
