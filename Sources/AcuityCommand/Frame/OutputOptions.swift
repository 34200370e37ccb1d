import ArgumentParser

/// How much is said, and for whom.
struct OutputOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Say nothing but warnings and errors.")
  var quiet = false

  @Option(help: "How messages on standard error look: for people (text) or for programs (json).")
  var logFormat = Console.Format.text

  /// Parsing is done: from here on messages look as asked for.
  func validate() {
    Console.configure(format: logFormat, isQuiet: quiet)
  }
}
