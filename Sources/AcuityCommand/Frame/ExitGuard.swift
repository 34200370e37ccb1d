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
  /// The process that is guarded, for those that a plug-in forks may end as they like; 0 for none.
  private static let guarded = Atomic<Int32>(0)
  private static let isInstalled = Atomic(false)

  /// From here to `end`, `exit` is an error: before the first plug-in is loaded, whose constructors may call it.
  static func arm() {
    guarded.store(getpid(), ordering: .releasing)
    if isInstalled.exchange(true, ordering: .acquiringAndReleasing) { return }
    atexit {
      guard ExitGuard.guarded.load(ordering: .acquiring) == getpid() else { return }
      Console.report(.error, "a plug-in has ended the process: run again without it")
      _exit(ExitStatus.inputOutput.rawValue)
    }
  }

  /// The end that the command itself decides on, by whichever thread it runs on: the main one would first have to wake up.
  static func end(_ status: ExitStatus) -> Never {
    guarded.store(0, ordering: .releasing)
    exit(status.rawValue)
  }
}
