import Synchronization

/// The wish that a run should end, from a signal or from the run itself; once made it stays.
package final class StopSignal: Sendable {
  package enum Reason: Sendable, Equatable {
    /// The user or the system wants the process to end.
    case interrupted
    case diskFull
    /// A folder for outputs takes no files, or is not where it was: the disk is read-only or gone, a permission is lost, or
    /// somebody has moved it.
    case unwritable
    /// `--fail-fast`.
    case failure
  }

  private let flag = Atomic(false)
  private let first = Mutex<Reason?>(nil)
  private let isInterrupted: @Sendable () -> Bool

  /// The closure tells of an interruption from elsewhere, such as a signal's handler; it is asked often, from any thread.
  package init(isInterrupted: @escaping @Sendable () -> Bool = { false }) {
    self.isInterrupted = isInterrupted
  }

  package func stop(_ reason: Reason) {
    first.withLock { if $0 == nil || reason == .interrupted { $0 = reason } }
    flag.store(true, ordering: .releasing)
  }

  package var isStopped: Bool {
    if isInterrupted() { stop(.interrupted) }
    return flag.load(ordering: .acquiring)
  }

  package var reason: Reason? { first.withLock { $0 } }
}
