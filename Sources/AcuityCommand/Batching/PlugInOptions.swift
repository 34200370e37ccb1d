import ArgumentParser
import Folders
import Stages

/// Further stages from shared libraries.
struct PlugInOptions: ParsableArguments {
  @Option(
    name: .customLong("plugin"),
    help: ArgumentHelp(
      "A plug-in, or a folder of them, whose stages can be used; may be given several times.",
      discussion: "A plug-in is code that runs inside this program. Load only what you trust.",
      valueName: "file"))
  var files: [Path] = []

  /// The stages that there are: the built-in ones and those of the plug-ins.
  /// - Throws: `StageError` for a file that is no plug-in; those in a folder only get a warning.
  func registry(adding more: [[UInt8]] = []) throws -> StageRegistry {
    var registry = StageRegistry.builtIn
    let files = files.map(\.bytes) + more
    if files.isEmpty { return registry }
    // From the first moment on: libraries have constructors.
    try StandardOutput.keepFromPlugIns()
    ExitGuard.arm()
    for file in files {
      for problem in try registry.loadPlugIns(pathBytes: file) { Console.report(.warning, "\(problem)") }
    }
    return registry
  }
}
