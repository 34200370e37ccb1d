import ArgumentParser

/// An error of a command that no library's type describes: a code and what to say, with the way out.
struct CommandFailure: Error, CustomStringConvertible {
  let status: ExitStatus
  /// `FILE: cause; what to do`.
  let description: String

  init(_ status: ExitStatus, _ description: String) {
    self.status = status
    self.description = description
  }

  /// Says why the arguments are refused, or prints the help or version that was asked for (which the parser has as
  /// errors), and ends the process.
  static func report(parsing error: any Error) -> Never {
    let text = AcuityCommand.fullMessage(for: error)
    guard AcuityCommand.exitCode(for: error).isSuccess else {
      let prefix = "Error: "
      Console.report(.error, text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
      ExitGuard.end(.usage)
    }
    do {
      try Console.print(text)
    } catch {
      report(error)
    }
    ExitGuard.end(.success)
  }

  /// Says what went wrong while a command ran and ends the process. A bare `ExitStatus` has been explained already.
  static func report(_ error: any Error, in command: any ParsableCommand.Type = AcuityCommand.self) -> Never {
    switch error {
    // The parser's help runs like a command and ends in an error of success.
    case _ where AcuityCommand.exitCode(for: error).isSuccess: report(parsing: error)
    case let error as ValidationError: Console.report(.error, error.message + "\n" + usage(of: command))
    case is ExitStatus, is ExitCode: break
    case is CancellationError: Console.report(.error, "interrupted")
    default: Console.report(.error, "\(error)")
    }
    ExitGuard.end(error is ValidationError ? .usage : ExitStatus(error))
  }

  /// As the parser writes it under what it refuses by itself.
  private static func usage(of command: any ParsableCommand.Type) -> String {
    let usage = AcuityCommand.usageString(for: command)
    let names = usage.split(separator: " ").prefix { $0.allSatisfy(\.isLetter) }
    return "Usage: " + usage + "\n  See '\(names.joined(separator: " ")) --help' for more information."
  }
}
