import Folders
import Synchronization

/// Runs a plan: many files under way at a time, so that reading, decoding, encoding and writing overlap the
/// computing, as far as the resources allow; their budgets are the queues' bounds.
package struct BatchRunner: Sendable {
  package let processor: FileProcessor
  /// The first failure ends the run.
  package var failsFast = false
  /// From any thread, but in order and one at a time.
  package var observer: (@Sendable (BatchEvent) -> Void)?

  package init(_ processor: FileProcessor, observer: (@Sendable (BatchEvent) -> Void)? = nil) {
    self.processor = processor
    self.observer = observer
  }

  /// Files under way: some that load, as many as there are threads that compute, some that save.
  private var breadth: Int {
    let resources = processor.resources
    return resources.loading.total + resources.threads.total + resources.saving.total
  }

  /// Never throws: what happens to each file is in the summary, and a full or read-only disk or a stop ends the run
  /// cleanly.
  package func run(_ plan: BatchPlan, stop: StopSignal = StopSignal()) async -> BatchSummary {
    let start = ContinuousClock.now
    var processor = processor
    processor.places = plan.places
    let announcer = Announcer(observer)
    announcer.announce(.began(plan))
    let outcomes = await withTaskGroup(of: (index: Int, outcome: FileOutcome).self) { group in
      var outcomes = [FileOutcome?](repeating: nil, count: plan.entries.count)
      var underWay = 0
      func take(_ finished: (index: Int, outcome: FileOutcome)) {
        underWay -= 1
        outcomes[finished.index] = note(finished.outcome, finished.index, stop, announcer)
      }
      for (index, entry) in plan.entries.enumerated() {
        while underWay >= breadth, let finished = await group.next() { take(finished) }
        if stop.isStopped { break }
        switch entry {
        case .failed(let input, let failure):
          outcomes[index] = note(FileOutcome(input: input, result: .failed(failure)), index, stop, announcer)
        case .skipped(let input, let reason):
          outcomes[index] = note(FileOutcome(input: input, result: .skipped(reason)), index, stop, announcer)
        case .work(let file):
          underWay += 1
          group.addTask { [processor] in
            announcer.announce(.started(file: index))
            let watch = FileProcessor.Watch(
              progress: { announcer.announce(.progress(file: index, share: $0)) },
              isCancelled: { stop.isStopped })
            return (index, await processor.process(file, watch: watch))
          }
        }
      }
      while let finished = await group.next() { take(finished) }
      return outcomes
    }
    return BatchSummary(
      plan,
      outcomes: zip(plan.entries, outcomes).map { entry, outcome in
        outcome ?? FileOutcome(input: entry.input, result: .released("the run was stopped"))
      },
      stopReason: stop.reason, seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  /// Announces an outcome and draws the consequences.
  private func note(
    _ outcome: FileOutcome, _ index: Int, _ stop: StopSignal, _ announcer: Announcer
  ) -> FileOutcome {
    var outcome = outcome
    if outcome.failure == nil,
      let away = outcome.outputs.map({ processor.roots[$0.index] }).first(where: { !$0.isInPlace })
    {
      outcome.result = .failed(away.movedAway)
    }
    if let failure = outcome.failure {
      if let reason = reasonToStop(failure) {
        // Once is enough: the others that meet it are not at fault either, and will be done by the next run.
        if stop.reason == reason {
          outcome.result = .released("the run was stopped")
        } else {
          stop.stop(reason)
          announcer.announce(.stopping(reason: failure.reason))
        }
      } else if failsFast, !stop.isStopped {
        stop.stop(.failure)
        announcer.announce(.stopping(reason: failure.reason))
      }
    }
    announcer.announce(.finished(file: index, outcome))
    return outcome
  }

  /// Why the next file would fail like this one; nil if the failure is its own.
  private func reasonToStop(_ failure: Failure) -> StopSignal.Reason? {
    switch failure.culprit {
    case .diskFull: .diskFull
    case .output where processor.roots.contains { !$0.takesFiles || !$0.isInPlace }: .unwritable
    default: nil
    }
  }
}

/// Hands events to the observer one at a time.
private final class Announcer: Sendable {
  private let observer: (@Sendable (BatchEvent) -> Void)?
  // Beside the closure, not around it: one that lies in a `Mutex` is wrapped once more at every access.
  private let turn = Mutex(())

  init(_ observer: (@Sendable (BatchEvent) -> Void)?) {
    self.observer = observer
  }

  func announce(_ event: BatchEvent) {
    turn.withLock { _ in observer?(event) }
  }
}
