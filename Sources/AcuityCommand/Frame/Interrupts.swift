import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The user's wish to stop: SIGINT and SIGTERM, and SIGHUP where the terminal's end does not have to be survived (nohup).
///
/// The first one is noted, and the work in hand sees it (`RunOptions.isCancelled`) and cleans up; the command then ends
/// with 130. The second one ends the process on the spot: outputs appear under their names only when they are whole.
enum Interrupts {
  private static let count = Atomic(0)

  /// Whether the user wants to stop. Cheap; callable from any thread.
  static var areRaised: Bool { count.load(ordering: .relaxed) > 0 }

  /// Counts one more; returns how many there were before.
  fileprivate static func raise() -> Int {
    count.wrappingAdd(1, ordering: .relaxed).oldValue
  }

  static func check() throws(CancellationError) {
    if areRaised { throw CancellationError() }
  }

  /// Takes the signals over from the system.
  static func install() {
    // The counter exists from here on, so that the handler does not have to make it.
    _ = areRaised
    for number in [SIGINT, SIGTERM] { signal(number, note) }
    // 1 is SIG_IGN, which has no name that could be compared with.
    if unsafeBitCast(signal(SIGHUP, note), to: Int.self) == 1 { signal(SIGHUP, SIG_IGN) }
  }
}

/// The signal handler: it may do no more than count.
private func note(_ number: Int32) {
  if Interrupts.raise() > 0 { _exit(ExitStatus.interrupted.rawValue) }
}
