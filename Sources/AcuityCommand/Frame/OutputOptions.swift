import ArgumentParser

/// How much is said, and for whom.
struct OutputOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Say nothing but warnings and errors.")
  var quiet = false

  @Option(help: "How messages on standard error look: for people (text) or for programs (json).")
  var logFormat = Console.Format.text

  /// Looks for the format among arguments that may not be understood, so that the error about them has it.
  static func prepare(_ arguments: [String]) {
    let values = zip(arguments, arguments.dropFirst() + [""]).compactMap { argument, next in
      argument == "--log-format"
        ? next : argument.hasPrefix("--log-format=") ? String(argument.dropFirst(13)) : nil
    }
    if let format = values.last.flatMap(Console.Format.init(rawValue:)) {
      Console.configure(format: format, isQuiet: false)
    }
  }

  /// Parsing is done: from here on messages look as asked for.
  func validate() {
    Console.configure(format: logFormat, isQuiet: quiet)
  }
}
