import Synchronization

/// The wish that the watch should end: once made it stays. Cheap to ask, from any thread.
package final class StopFlag: Sendable {
  private let flag = Atomic<Bool>(false)
  private let isInterrupted: @Sendable () -> Bool

  /// - Parameter isInterrupted: tells of such a wish from elsewhere: a signal's handler.
  package init(isInterrupted: @escaping @Sendable () -> Bool = { false }) {
    self.isInterrupted = isInterrupted
  }

  package var isSet: Bool { flag.load(ordering: .acquiring) || isInterrupted() }

  package func set() { flag.store(true, ordering: .releasing) }
}
