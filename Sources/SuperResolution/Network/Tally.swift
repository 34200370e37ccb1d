import Synchronization

/// Counts what several threads have done, and tells of it one call at a time, so that none comes late with less than another
/// has told.
package final class Tally: Sendable {
  private let count = Mutex(0)

  package init() {}

  /// Counts so many more; `report` is told how many there are now.
  package func add(_ more: Int = 1, _ report: (Int) -> Void) {
    count.withLock { count in
      count += more
      report(count)
    }
  }
}
