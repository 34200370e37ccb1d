import Ledger
import Synchronization

/// One at a time for each fingerprint: of equal files that come together the first is computed, and the others wait to
/// find its output.
final class EqualWork: Sendable {
  /// Those that wait, by the fingerprint that somebody works on.
  private let waiting = Mutex<[Fingerprint: [CheckedContinuation<Void, Never>]]>([:])

  /// Waits until nobody else works on `fingerprint`. Each call is followed by one of `leave`.
  func enter(_ fingerprint: Fingerprint) async {
    await withCheckedContinuation { turn in
      let isFree = waiting.withLock { waiting in
        guard waiting[fingerprint] != nil else {
          waiting[fingerprint] = []
          return true
        }
        waiting[fingerprint]?.append(turn)
        return false
      }
      if isFree { turn.resume() }
    }
  }

  /// Lets the next one in.
  func leave(_ fingerprint: Fingerprint) {
    let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
      guard let turns = waiting[fingerprint], !turns.isEmpty else {
        waiting[fingerprint] = nil
        return nil
      }
      return waiting[fingerprint]?.removeFirst()
    }
    next?.resume()
  }
}
