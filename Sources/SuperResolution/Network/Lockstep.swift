import Dispatch
import Synchronization

/// Steps that follow one another, each computed by all threads together, part by part: for what is too small to give
/// every thread work of its own.
///
/// Parts are handed out in order, step by step. Whoever has one waits until the step before is complete, and whoever
/// completes a step closes it, alone, before the next one opens. Those that are waited for are running, for they have
/// earlier parts: no schedule can deadlock, and any number of threads, fewer than parts too, gives the same result. A
/// step lasts as long as its longest part.
final class Lockstep: Sendable {
  private let steps: Int
  private let parts: Int
  private let nextPart = Atomic<Int>(0)
  /// The step whose parts may be computed.
  private let openStep = Atomic<Int>(0)
  /// Of the open step.
  private let partsLeft: Atomic<Int>
  private let stopped = Atomic<Bool>(false)

  init(steps: Int, parts: Int) {
    self.steps = steps
    self.parts = parts
    partsLeft = Atomic(parts)
  }

  /// Runs on as many threads as a step has parts; `close` is called once for each step, when all its parts are done.
  /// - Returns: false if `isCancelled` ended it early.
  func run(
    isCancelled: (@Sendable () -> Bool)?, part: @Sendable (_ step: Int, _ part: Int) -> Void,
    close: @Sendable (_ step: Int) -> Void
  ) -> Bool {
    DispatchQueue.concurrentPerform(iterations: parts) { _ in
      walk(isCancelled: isCancelled, part: part, close: close)
    }
    return !stopped.load(ordering: .relaxed)
  }

  /// The share of one thread: takes parts until there are none left.
  func walk(
    isCancelled: (@Sendable () -> Bool)?, part: (_ step: Int, _ part: Int) -> Void,
    close: (_ step: Int) -> Void
  ) {
    while true {
      let taken = nextPart.wrappingAdd(1, ordering: .relaxed).oldValue
      let step = taken / parts
      guard step < steps else { return }
      spin { stopped.load(ordering: .relaxed) || openStep.load(ordering: .acquiring) == step }
      if stopped.load(ordering: .relaxed) { return }
      part(step, taken % parts)
      guard partsLeft.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { continue }
      close(step)
      if let isCancelled, step + 1 < steps, isCancelled() { stopped.store(true, ordering: .relaxed) }
      partsLeft.store(parts, ordering: .relaxed)
      openStep.store(step + 1, ordering: .releasing)
    }
  }
}
