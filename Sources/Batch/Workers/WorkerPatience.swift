#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How long a process that is waited for may do nothing, how long it may compute, and how long it may be waited for at all.
///
/// As nothing counts the time in which this process waited and that one used no processor time: a busy machine, one that was
/// put to sleep, and a batch that was stopped and continued are no hang. A process that sleeps and wakes for a moment now and
/// then looks like one that hardly gets a turn; the longest wait ends both, and is so long that only the former meets it.
final class WorkerPatience {
  /// How often a process is looked at; each must have had its turn within it, however busy the machine.
  private static let window = Duration.seconds(1)

  /// As many times as long as a process may do nothing, it is waited for.
  static let longestWait = 10

  private let process: pid_t
  /// Of processor time; the process' own limit (`WorkerSandbox.allow`) is a little lower, but it could lift that.
  private let most: Duration?
  private var left: Duration
  /// Of the longest wait.
  private var leftInAll: Duration
  private var waited = Duration.zero
  private var used: Duration?

  init(_ process: pid_t, seconds: Int, grace: Duration = .seconds(2), longest: Duration? = nil) {
    self.process = process
    left = .seconds(seconds)
    leftInAll = longest ?? .seconds(seconds) * Self.longestWait
    used = Self.processorTime(of: process)
    most = used.map { $0 + .seconds(seconds) + grace }
  }

  /// Whether there is any left after a wait of no more than `slice`. What a wait was longer, this process did not run.
  func allows(_ wait: Duration, slice: Duration) -> Bool {
    waited += min(wait, slice)
    leftInAll -= min(wait, slice)
    guard leftInAll > .zero else { return false }
    guard waited >= min(Self.window, left) else { return true }
    let now = Self.processorTime(of: process)
    if now == used { left -= waited }
    (used, waited) = (now, .zero)
    if let now, let most, now > most { return false }
    return left > .zero
  }

  #if canImport(Darwin)
    /// What the times of processes are counted in: 125/3 on Apple silicon, 1 on Intel's.
    private static let nanosecondsPerTick: Double = {
      var base = mach_timebase_info_data_t()
      guard unsafe mach_timebase_info(&base) == KERN_SUCCESS, base.denom > 0 else { return 1 }
      return Double(base.numer) / Double(base.denom)
    }()
  #endif

  /// nil where it is not known: then all waiting counts.
  private static func processorTime(of process: pid_t) -> Duration? {
    #if canImport(Darwin)
      var usage = rusage_info_v0()
      let result = unsafe withUnsafeMutablePointer(to: &usage) { usage in
        unsafe usage.withMemoryRebound(to: rusage_info_t?.self, capacity: 1) { usage in
          unsafe proc_pid_rusage(process, RUSAGE_INFO_V0, usage)
        }
      }
      guard result == 0 else { return nil }
      return .nanoseconds(Int64(Double(usage.ri_user_time + usage.ri_system_time) * nanosecondsPerTick))
    #else
      var clock = clockid_t()
      var time = timespec()
      guard unsafe clock_getcpuclockid(process, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 else {
        return nil
      }
      return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    #endif
  }
}
