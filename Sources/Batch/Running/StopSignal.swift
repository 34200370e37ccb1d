import Synchronization

/// The wish that a run should end, from a signal or from the run itself; once made it stays.
package final class StopSignal: Sendable {
  package enum Reason: Sendable, Equatable {
    /// The user or the system wants the process to end.
    case interrupted
    case diskFull
    /// `--fail-fast`.
    case failure
  }

  private let flag = Atomic(false)
  private let first = Mutex<Reason?>(nil)

  package init() {}

  package func stop(_ reason: Reason) {
    first.withLock { if $0 == nil || reason == .interrupted { $0 = reason } }
    flag.store(true, ordering: .releasing)
  }

  package var isStopped: Bool { flag.load(ordering: .acquiring) }
  package var reason: Reason? { first.withLock { $0 } }
}
