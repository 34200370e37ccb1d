import Foundation

/// A process that was started by `posix_spawn`, for `Foundation.Process` takes no arguments that are not Unicode.
///
/// Its output goes to files, so that it never waits for a reader.
final class Run {
  let processIdentifier: pid_t
  private let folder: URL

  init(path: String, _ arguments: [[UInt8]], environment: [String: String], output: String?) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("acuity-run-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let argv = Self.strings([Array(path.utf8)] + arguments)
    let envp = Self.strings(merged.map { Array("\($0)=\($1)".utf8) })
    defer { for string in argv + envp { free(string) } }

    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    let targets = [(1, output ?? folder.path + "/output"), (2, folder.path + "/messages")]
    for (descriptor, target) in targets {
      posix_spawn_file_actions_addopen(&actions, Int32(descriptor), target, O_WRONLY | O_CREAT, 0o600)
    }
    var identifier = pid_t()
    let code = posix_spawn(&identifier, path, &actions, nil, argv, envp)
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
    processIdentifier = identifier
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  func signal(_ number: Int32) {
    kill(processIdentifier, number)
  }

  /// What it has said on standard error so far.
  var messages: String { String(decoding: contents("messages"), as: UTF8.self) }

  /// Waits for the end.
  func wait() -> Acuity.Result {
    var status: Int32 = 0
    while waitpid(processIdentifier, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7f
    return Acuity.Result(
      code: signal == 0 ? (status >> 8) & 0xff : 128 + signal, output: contents("output"),
      messages: contents("messages"))
  }

  private func contents(_ name: String) -> [UInt8] {
    [UInt8]((try? Data(contentsOf: folder.appendingPathComponent(name))) ?? Data())
  }

  private static func strings(_ values: [[UInt8]]) -> [UnsafeMutablePointer<CChar>?] {
    values.map { strdup($0.map(CChar.init(bitPattern:)) + [0]) } + [nil]
  }
}
