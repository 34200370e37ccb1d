import Synchronization

/// Signs of life: of the watcher's loop, and of every file that is worked on. Whoever begins something and then gives
/// no sign for `limit` is taken for stuck.
package final class Vitals: Sendable {
  package typealias Instant = ContinuousClock.Instant

  private let limit: Duration
  private let last = Mutex<[String: Instant]>([:])

  package init(limit: Duration) {
    self.limit = limit
  }

  package func sign(of name: String, at now: Instant = .now) {
    last.withLock { $0[name] = now }
  }

  /// `name` has come to an end, and need not give signs any more.
  package func end(_ name: String) {
    last.withLock { _ = $0.removeValue(forKey: name) }
  }

  /// When `name` has last given a sign; nil if none is expected of it.
  package func lastSign(of name: String) -> Instant? {
    last.withLock { $0[name] }
  }

  package func areGood(at now: Instant = .now) -> Bool {
    last.withLock { $0.values.allSatisfy { now - $0 <= limit } }
  }
}
