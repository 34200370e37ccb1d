import Folders
public import Foundation

/// A process that was started by `posix_spawn`, for `Foundation.Process` takes no arguments that are not Unicode and
/// waits without end.
///
/// Its output goes to files, so that it never waits for a reader. It has a process group of its own, of which nothing
/// outlives the test, and none of the descriptors that other tests have open.
public final class Run {
  public let processIdentifier: pid_t
  private let folder: TemporaryFolder
  /// As `waitpid` gave it; nil while it runs.
  private var status: Int32?

  /// How a process ended and what it said.
  public struct Result {
    /// The exit code; 128 and the signal's number if a signal ended it.
    public let code: Int32
    public let output: [UInt8]
    public let messages: [UInt8]

    public var text: String { String(decoding: output, as: UTF8.self) }
    public var errors: String { String(decoding: messages, as: UTF8.self) }

    /// Standard output as a JSON object.
    public func object() throws -> [String: Any] {
      try (JSONSerialization.jsonObject(with: Data(output)) as? [String: Any]) ?? [:]
    }
  }

  /// - Parameters:
  ///   - path: The program's file.
  ///   - arguments: All but the program's name.
  ///   - environment: Added to this process's.
  ///   - output: Where standard output goes instead of into the result.
  /// - Throws: `POSIXError` if it cannot be started.
  public init(
    path: String, _ arguments: [[UInt8]], environment: [String: String] = [:], output: String? = nil
  ) throws {
    folder = try TemporaryFolder()
    var merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // A program ends with `exit` and what it worked with is still there. The leak checker takes for lost what it sees no pointer
    // to, and Swift keeps the case of an enumeration in bits of the pointer; under strace it does not work at all. The tests'
    // own process frees all that the modules under the command allocate, and is checked.
    if isAddressSanitized { merged["ASAN_OPTIONS", default: ""] += ":detect_leaks=0" }
    let argv = Self.strings([bytes(path)] + arguments)
    let envp = Self.strings(merged.map { bytes("\($0)=\($1)") })
    defer { for string in argv + envp { free(string) } }

    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    let targets = [(1, output ?? folder("output")), (2, folder("messages"))]
    for (descriptor, target) in targets {
      posix_spawn_file_actions_addopen(&actions, Int32(descriptor), target, O_WRONLY | O_CREAT, 0o600)
    }
    var flags = POSIX_SPAWN_SETPGROUP
    #if canImport(Darwin)
      flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
    #else
      if let closeFrom = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") {
        typealias CloseFrom =
          @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        _ = unsafeBitCast(closeFrom, to: CloseFrom.self)(&actions, 3)
      }
    #endif
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var identifier = pid_t()
    let code = posix_spawn(&identifier, path, &actions, &attributes, argv, envp)
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
    processIdentifier = identifier
  }

  /// The same with arguments that are text.
  public convenience init(
    path: String, _ arguments: [String], environment: [String: String] = [:], output: String? = nil
  ) throws {
    try self.init(path: path, arguments.map(bytes), environment: environment, output: output)
  }

  /// Runs a line of shell to its end.
  public static func shell(_ line: String, in folder: String) throws -> Result {
    try Run(path: "/bin/sh", ["-c", "cd \"$0\" && \(line)", folder]).wait()
  }

  deinit {
    // The group may be there still when its first process has gone.
    kill(-processIdentifier, SIGKILL)
    _ = waits(seconds: 60) { false }
  }

  /// To the process alone, not to those that it has started.
  public func signal(_ number: Int32) {
    kill(processIdentifier, number)
  }

  /// What it has said on standard error so far.
  public var messages: String { String(decoding: contents("messages"), as: UTF8.self) }

  private var hasEnded: Bool {
    if status != nil { return true }
    var result: Int32 = 0
    if waitpid(processIdentifier, &result, WNOHANG) == processIdentifier { status = result }
    return status != nil
  }

  /// Waits until `condition` holds, for as long as the process runs and no longer than a time that is far beyond any
  /// expectation.
  /// - Returns: Whether the condition holds.
  public func waits(seconds: Int = 300, until condition: () throws -> Bool) rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      let wasOver = hasEnded
      if try condition() { return true }
      if wasOver { return false }
      usleep(2000)
    }
    return false
  }

  /// Waits for the end; a process that does not come to it is aborted after `seconds`, and says so.
  public func wait(seconds: Int = 300) -> Result {
    _ = waits(seconds: seconds) { false }
    var remark: [UInt8] = []
    for number in [SIGABRT, SIGKILL] where status == nil {
      remark = bytes("\naborted by the test: it had not ended after \(seconds) seconds")
      signal(number)
      _ = waits(seconds: 60) { false }
    }
    let status = status ?? SIGKILL
    let signal = status & 0x7f
    return Result(
      code: signal == 0 ? (status >> 8) & 0xff : 128 + signal, output: contents("output"),
      messages: contents("messages") + remark)
  }

  private func contents(_ name: String) -> [UInt8] {
    // Whatever is there by now: the process may be writing.
    guard let file = try? Descriptor.openForReading(bytes(folder(name))) else { return [] }
    defer { close(file) }
    return (try? Descriptor.read(file, name: name)) ?? []
  }

  private static func strings(_ values: [[UInt8]]) -> [UnsafeMutablePointer<CChar>?] {
    values.map { strdup($0.map(CChar.init(bitPattern:)) + [0]) } + [nil]
  }
}
