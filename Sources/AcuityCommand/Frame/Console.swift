import ArgumentParser
import Folders
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the process says: results on standard output, everything else on standard error.
///
/// `print` of the standard library reports success when the disk is full; this does not.
enum Console {
  enum Format: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// `acuity: warning: text`, for people.
    case text
    /// One JSON object a line, for programs: `time`, `level`, `message` and what else there is to say.
    case json
  }

  enum Level: String, Sendable {
    case info
    case warning
    case error
  }

  private struct State {
    var format = Format.text
    var isQuiet = false
    /// The progress line that stands on the terminal, to be cleared before anything else is written.
    var line = ""
  }

  private static let state = Mutex(State())

  static func configure(format: Format, isQuiet: Bool) {
    state.withLock {
      $0.format = format
      $0.isQuiet = isQuiet
    }
  }

  static var format: Format { state.withLock { $0.format } }
  static var isQuiet: Bool { state.withLock { $0.isQuiet } }

  /// Whether people watch standard error as it grows.
  static let isTerminal = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"

  /// Columns of the terminal; 80 if it does not say.
  static var width: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes a result and a line's end to standard output.
  ///
  /// - Throws: `CommandFailure` with status 74 if it cannot be written.
  static func print(_ text: String) throws(CommandFailure) {
    try state.withLock { state throws(CommandFailure) in
      clear(&state)
      let code = write(text + "\n", to: StandardOutput.descriptor)
      if code != 0 {
        throw CommandFailure(
          .inputOutput, "standard output: cannot be written: \(String(cString: strerror(code)))")
      }
    }
  }

  /// Says something on standard error; mere information not if quiet.
  ///
  /// - Parameters:
  ///   - level: How bad it is.
  ///   - message: For people; a file's name first where it is about one.
  ///   - fields: For programs.
  static func report(_ level: Level, _ message: String, _ fields: [String: any Encodable & Sendable] = [:]) {
    state.withLock { state in
      if level == .info && state.isQuiet { return }
      clear(&state)
      switch state.format {
      case .text:
        let prefix = level == .info ? "acuity: " : "acuity: \(level.rawValue): "
        _ = write(prefix + message + "\n", to: STDERR_FILENO)
      case .json:
        var all = fields
        all["time"] = Date.now.formatted(.iso8601)
        all["level"] = level.rawValue
        all["message"] = message
        _ = write(JSON.text(all.mapValues(JSON.Value.init)) + "\n", to: STDERR_FILENO)
      }
    }
  }

  /// Replaces the progress line of the terminal; empty takes it away.
  static func show(line: String) {
    state.withLock { state in
      if line == state.line { return }
      clear(&state)
      _ = write(line, to: STDERR_FILENO)
      state.line = line
    }
  }

  private static func clear(_ state: inout State) {
    if state.line.isEmpty { return }
    _ = write("\r\u{1b}[2K", to: STDERR_FILENO)
    state.line = ""
  }

  /// All of it, also into a pipe that does not block and whose reader is slow.
  /// - Returns: zero, or the system's code.
  static func write(_ text: String, to descriptor: Int32) -> Int32 {
    do throws(FileError) {
      try Descriptor.write(Array(text.utf8), to: descriptor)
      return 0
    } catch {
      return error.code
    }
  }

  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
