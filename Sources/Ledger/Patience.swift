import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How long calls wait for another process that has the ledger's file locked: five seconds, unless the end comes first, which
/// is not to be held up by a stranger.
final class Patience: Sendable {
  private let hasEnded = Atomic(false)

  func end() { hasEnded.store(true, ordering: .relaxed) }

  /// Asked by SQLite after so many tries in vain; waits a little where another one is worth it.
  func lasts(afterTries tries: Int) -> Bool {
    guard tries < 500, !hasEnded.load(ordering: .relaxed) else { return false }
    usleep(10_000)
    return true
  }
}
