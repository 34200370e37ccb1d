import ArgumentParser

/// What can be told of arguments before they are parsed.
enum EarlyStart {
  /// Options of runs that only print or foretell, or whose descriptors are looked at before this process opens its own.
  private static let common = [
    "--dry-run", "--events-fd", "--help", "--version", "--generate-completion-script",
    "--experimental-dump-help",
  ]
  /// Such options' short names.
  private static let short: Set<Character> = ["h", "n"]

  /// Whether this is `acuity upscale` on pictures, with none of these options. What is none of them may be taken for one.
  static func isUpscale(_ arguments: [String], without options: [String]) -> Bool {
    arguments.first == UpscaleCommand._commandName
      && !arguments.contains { argument in
        (common + options).contains { argument.hasPrefix($0) }
          || argument.hasPrefix("-") && !argument.hasPrefix("--") && argument.contains { short.contains($0) }
      }
  }
}
