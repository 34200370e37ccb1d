import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ends the process with an error where a plug-in calls `exit`, which would look like success with nothing done or files
/// missing. Only `_exit` gets past it.
enum ExitGuard {
  private static let isArmed = Atomic(false)
  private static let isInstalled = Atomic(false)

  /// From here to `disarm`, `exit` is an error: before the first plug-in is loaded, whose constructors may call it.
  static func arm() {
    isArmed.store(true, ordering: .releasing)
    if isInstalled.exchange(true, ordering: .acquiringAndReleasing) { return }
    atexit {
      guard ExitGuard.isArmed.load(ordering: .acquiring) else { return }
      Console.report(.error, "a plug-in has ended the process: run again without it")
      _exit(ExitStatus.inputOutput.rawValue)
    }
  }

  /// To be called before the command itself ends the process.
  static func disarm() { isArmed.store(false, ordering: .releasing) }
}
