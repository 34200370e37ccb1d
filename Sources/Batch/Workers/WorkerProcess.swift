import Folders
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A running codec worker: a process of its own at the other end of two pipes. Used by one task at a time.
///
/// It has a process group of its own, so that the terminal's interrupt reaches only us and a file under way is given
/// back instead of failing; it ends by itself when our end of its pipe closes, however we end.
final class WorkerProcess: Sendable {
  private let identifier: pid_t
  private let input: Int32
  private let output: Int32
  /// As `waitpid` gave it; nil while nobody has waited.
  private let status = Mutex<Int32?>(nil)

  /// How one is started.
  struct Command: Sendable {
    var executable: String
    /// Without the name that comes first.
    var arguments: [String]
    /// Variables beside ours, or instead of them.
    var environment: [String: String]
  }

  /// Starts one after the other, so that none inherits another's pipes.
  private static let starting = Mutex(())

  /// - Throws: what the system said, if no process could be started.
  static func start(_ command: Command) throws(FileError) -> WorkerProcess {
    reap()
    let result: Result<WorkerProcess, FileError> = starting.withLock { _ in
      do throws(FileError) { return .success(try WorkerProcess(command)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  private init(_ command: Command) throws(FileError) {
    let requests = try Descriptor.pipe()
    defer { _ = close(requests.read) }
    let answers: (read: Int32, write: Int32)
    do throws(FileError) {
      answers = try Descriptor.pipe()
    } catch {
      _ = close(requests.write)
      throw error
    }
    defer { _ = close(answers.write) }
    do throws(FileError) {
      identifier = try Self.spawn(command, input: requests.read, output: answers.write)
      // Our ends alone; the worker's may block.
      try Descriptor.makeNonBlocking(requests.write)
      try Descriptor.makeNonBlocking(answers.read)
    } catch {
      _ = close(requests.write)
      _ = close(answers.read)
      throw error
    }
    // Instead of 64 kB: pictures pass in fewer turns.
    Descriptor.widen(pipe: requests.write, to: Self.room)
    Descriptor.widen(pipe: answers.read, to: Self.room)
    (input, output) = (answers.read, requests.write)
  }

  deinit {
    _ = close(input)
    _ = close(output)
    // Idle it has nothing to lose; over a picture, or run wild, it has nobody left to answer to.
    if ended() == nil {
      kill(identifier, SIGKILL)
      Self.killed.withLock { $0.append(identifier) }
    }
  }

  /// Killed, and not waited for yet: until its memory is freed takes a millisecond, which the end of a run need not last
  /// longer.
  private static let killed = Mutex<[pid_t]>([])

  /// Frees the entries of killed processes in the system's table.
  private static func reap() {
    killed.withLock { $0.removeAll { waitpid($0, nil, WNOHANG) != 0 } }
  }

  /// Its pipes, for one exchange that ends when the process has done nothing for `seconds`, or when it is cancelled.
  func channel(seconds: Int, isCancelled: (@Sendable () -> Bool)? = nil) -> WorkerChannel {
    WorkerChannel(
      input: input, output: output, patience: WorkerPatience(identifier, seconds: seconds),
      isCancelled: isCancelled)
  }

  /// Gives its pipes as much room as a user without rights may give one: for the process that a single picture waits for.
  /// - Returns: whether a request of `count` bytes can be sent without waiting for the process, which has none yet.
  func takesAtOnce(_ count: Int) -> Bool {
    let most = 1 << 20
    Descriptor.widen(pipe: input, to: most)
    // A pipe's pages are not all full.
    return count + (16 << 10) <= most && Descriptor.widen(pipe: output, to: most)
  }

  private static let room = 256 << 10

  /// How the process has ended by itself, for people; nil while it runs.
  func ended() -> String? {
    wait(WNOHANG).map(Self.text)
  }

  /// As `ended()`, for a process that has just closed its pipes and may need a moment to be dead.
  func endedSoon() -> String? {
    for _ in 0..<200 {
      if let text = ended() { return text }
      usleep(1000)
    }
    return nil
  }

  private func wait(_ options: Int32) -> Int32? {
    status.withLock { status in
      if status != nil { return status }
      var result: Int32 = 0
      while true {
        let found = unsafe waitpid(identifier, &result, options)
        if found == identifier { status = result }
        if found >= 0 || errno != EINTR { return status }
      }
    }
  }

  private static func text(_ status: Int32) -> String {
    let signal = status & 0x7f
    if signal == 0 { return "ended with code \((status >> 8) & 0xff)" }
    switch signal {
    case SIGXCPU: return "used up its processor time"
    case SIGKILL: return "was killed (SIGKILL)"
    case SIGSEGV: return "crashed (SIGSEGV)"
    case SIGBUS: return "crashed (SIGBUS)"
    case SIGILL: return "crashed (SIGILL)"
    case SIGTRAP: return "crashed (SIGTRAP)"
    case SIGABRT: return "gave up or ran out of memory (SIGABRT)"
    default: return "was ended by signal \(signal)"
    }
  }
}

extension WorkerProcess {
  private static func spawn(
    _ command: Command, input: Int32, output: Int32
  ) throws(FileError) -> pid_t {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = unsafe posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    // Ours are all closed on exec; what others have opened in this process is not for the worker either.
    #if !canImport(Darwin)
      if let closeFrom = unsafe dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") {
        typealias CloseFrom =
          @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        _ = unsafe unsafeBitCast(closeFrom, to: CloseFrom.self)(&actions, 3)
      }
    #endif
    // Threads of a queue block most signals; the worker's limits must be able to end it.
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP
    #if canImport(Darwin)
      flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
    #endif
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

    var identifier: pid_t = 0
    let code = unsafe withCStrings(["acuity-codec"] + command.arguments) { arguments in
      unsafe withCStrings(environment(with: command.environment)) { environment in
        unsafe posix_spawn(&identifier, command.executable, &actions, &attributes, arguments, environment)
      }
    }
    guard code == 0 else {
      // The system does not say which of the files it was.
      let null = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
      guard null >= 0 else { throw FileError(.leadMessages, "/dev/null") }
      _ = close(null)
      throw FileError(.startCodecProcess, command.executable, code: code)
    }
    return identifier
  }

  /// Ours, but a crash must not spend seconds on a backtrace that nobody sees.
  private static func environment(with variables: [String: String]) -> [String] {
    let variables = variables.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    var result = variables.map { "\($0)=\($1)" }
    #if canImport(Darwin)
      guard var entry = unsafe _NSGetEnviron().pointee else { return result }
    #else
      var entry = unsafe environ
    #endif
    while let text = unsafe entry.pointee {
      let variable = unsafe String(cString: text)
      let name = variable.prefix { $0 != "=" }
      if variables[String(name)] == nil { result.append(variable) }
      unsafe entry += 1
    }
    return result
  }
}

private func withCStrings<Result>(
  _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let copies = unsafe texts.map { unsafe strdup($0) }
  defer { for index in texts.indices { unsafe free(copies[index]) } }
  return unsafe (copies + [nil]).withUnsafeBufferPointer { buffer in
    guard let start = buffer.baseAddress else { preconditionFailure("the list ends in nil") }
    return unsafe body(start)
  }
}
