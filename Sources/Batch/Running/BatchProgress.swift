import Synchronization

/// Follows a batch's events and says how far it has come and how long it will take.
package final class BatchProgress: Sendable {
  package struct Snapshot: Sendable, Equatable {
    package var files = 0
    package var done = 0
    package var skipped = 0
    package var failed = 0
    /// Of the outputs; what is under way counts by its share.
    package var pixels = 0
    package var totalPixels = 0
    /// Of the work: pixels times what each costs, known from the headers.
    package var meter = ProgressMeter(total: 0, at: 0)
    /// Seconds since the first file was begun.
    package var elapsed = 0.0
    /// The files under way and the share of each that is done, in the order of the plan.
    package var current: [Current] = []

    package struct Current: Sendable, Equatable {
      package let label: String
      package let share: Double
    }

    /// The share of the work that is done, 0...1.
    package var share: Double { meter.fraction }
    /// Seconds that the rest will take at the pace so far; nil until there is a pace.
    package var remaining: Double? { meter.remaining(at: elapsed) }
    package var pixelsPerSecond: Double { elapsed > 0 ? Double(pixels) / elapsed : 0 }
  }

  private struct State {
    var plan = BatchPlan(entries: [])
    var start: ContinuousClock.Instant?
    var snapshot = Snapshot()
    /// Work of the files that are finished in whatever way.
    var pastWork = 0.0
    var shares: [Int: Double] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  package func note(_ event: BatchEvent) {
    state.withLock { state in
      switch event {
      case .began(let plan):
        state = State(plan: plan)
        state.snapshot.files = plan.entries.count
        for file in plan.files { state.snapshot.totalPixels += file.outputPixels }
        state.snapshot.meter = ProgressMeter(total: plan.files.reduce(0) { $0 + $1.work }, at: 0)
      case .started(let index):
        if state.start == nil { state.start = .now }
        state.shares[index] = 0
      case .progress(let index, let share):
        if state.shares[index] != nil { state.shares[index] = min(1, max(0, share)) }
      case .finished(let index, let outcome):
        state.shares[index] = nil
        Self.count(outcome, &state.snapshot)
        guard case .work(let file) = state.plan.entries[index] else { return }
        state.pastWork += file.work
        if outcome.result != .done { state.snapshot.meter.skip(file.work) }
        state.snapshot.pixels += outcome.outputPixels
      case .stopping:
        break
      }
    }
  }

  private static func count(_ outcome: FileOutcome, _ snapshot: inout Snapshot) {
    switch outcome.result {
    case .done: snapshot.done += 1
    case .skipped: snapshot.skipped += 1
    case .failed: snapshot.failed += 1
    case .released: break
    }
  }

  package func snapshot() -> Snapshot {
    state.withLock { state in
      var snapshot = state.snapshot
      var current = 0.0
      for (index, share) in state.shares.sorted(by: { $0.key < $1.key }) {
        guard case .work(let file) = state.plan.entries[index] else { continue }
        current += share * file.work
        snapshot.pixels += Int(share * Double(file.outputPixels))
        snapshot.current.append(Snapshot.Current(label: file.input.label, share: share))
      }
      snapshot.meter.update(done: state.pastWork + current)
      if let start = state.start { snapshot.elapsed = (ContinuousClock.now - start) / .seconds(1) }
      return snapshot
    }
  }
}
