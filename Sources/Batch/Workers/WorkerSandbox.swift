#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a codec worker gives up before it sees the first byte of a file.
enum WorkerSandbox {
  /// Gives up writing files, dumping core, other processes, the network, and new privileges.
  ///
  /// - Returns: the pipes; standard input and output themselves lead nowhere from now on, so that a library's chatter
  ///   never gets into the answers. Nil if something could not be given up.
  static func enter() -> WorkerChannel? {
    // A worker belongs to its parent, and goes when its pipe does; the terminal's signals are not for it.
    signal(SIGINT, SIG_IGN)
    signal(SIGTERM, SIG_IGN)
    signal(SIGHUP, SIG_IGN)
    let (input, output) = (dup(0), dup(1))
    let null = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
    guard input >= 0, output >= 0, null >= 0, dup2(null, 0) == 0, dup2(null, 1) == 1, dup2(null, 2) == 2
    else {
      return nil
    }
    guard limit(Limited.files, soft: 0, hard: 0), limit(Limited.core, soft: 0, hard: 0) else { return nil }
    #if !canImport(Darwin)
      guard SystemCallFilter.install() else { return nil }
    #endif
    return WorkerChannel(input: input, output: output)
  }

  /// Limits what the next request may use: so much address space and processor time beyond what is used by now.
  static func allow(_ allowance: WorkerAllowance) {
    #if !canImport(Darwin)
      // Apple's systems do not keep this limit, and count shared libraries of gigabytes into it.
      if let used = addressSpace {
        _ = limit(Limited.memory, soft: used + allowance.memory, hard: nil)
      }
    #endif
    var usage = rusage()
    #if canImport(Glibc)
      _ = unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
    #else
      _ = unsafe getrusage(RUSAGE_SELF, &usage)
    #endif
    let used = Int(usage.ru_utime.tv_sec) + Int(usage.ru_stime.tv_sec)
    _ = limit(Limited.time, soft: used + allowance.seconds + 1, hard: nil)
  }

  #if canImport(Glibc)
    private enum Limited {
      static let files = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
      static let core = __rlimit_resource_t(RLIMIT_CORE.rawValue)
      static let time = __rlimit_resource_t(RLIMIT_CPU.rawValue)
      static let memory = __rlimit_resource_t(RLIMIT_AS.rawValue)
    }
    private typealias Resource = __rlimit_resource_t
  #else
    private enum Limited {
      static let files = RLIMIT_FSIZE
      static let core = RLIMIT_CORE
      static let time = RLIMIT_CPU
      static let memory = RLIMIT_AS
    }
    private typealias Resource = Int32
  #endif

  /// The hard limit stays where it is if `hard` is nil.
  private static func limit(_ resource: Resource, soft: Int, hard: Int?) -> Bool {
    var value = rlimit()
    guard unsafe getrlimit(resource, &value) == 0 else { return false }
    if let hard { value.rlim_max = rlim_t(hard) }
    value.rlim_cur = min(rlim_t(soft), value.rlim_max)
    return unsafe setrlimit(resource, &value) == 0
  }

  /// Bytes, of this process now.
  private static var addressSpace: Int? {
    let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { _ = close(file) }
    var text = [UInt8](repeating: 0, count: 128)
    let count = unsafe read(file, &text, text.count)
    guard count > 0 else { return nil }
    return Int(String(decoding: text.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)).map {
      $0 * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
  }
}
