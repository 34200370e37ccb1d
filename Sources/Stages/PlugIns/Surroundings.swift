/// What a plug-in shares with all else in the process, and with whatever its thread does next.
enum Surroundings {
  /// Calls a plug-in, and takes back what it changed of them.
  /// - Returns: what `call` gave, and whether it has moved the working directory.
  static func keeping<Result>(_ call: () -> Result) -> (result: Result, hasMoved: Bool) {
    WorkingFolder.keeping { FloatingPointState.keeping(call) }
  }
}
