import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ends the process with an error where a plug-in calls `exit` in the midst of work, which would look like success with files
/// missing.
enum ExitGuard {
  private static let isArmed = Atomic(false)
  private static let isInstalled = Atomic(false)

  /// From here to `disarm`, `exit` is an error.
  static func arm() {
    isArmed.store(true, ordering: .releasing)
    if isInstalled.exchange(true, ordering: .acquiringAndReleasing) { return }
    atexit {
      guard ExitGuard.isArmed.load(ordering: .acquiring) else { return }
      Console.report(.error, "a plug-in has ended the process: leave it out, and run again to finish")
      _exit(ExitStatus.inputOutput.rawValue)
    }
  }

  static func disarm() { isArmed.store(false, ordering: .releasing) }
}
