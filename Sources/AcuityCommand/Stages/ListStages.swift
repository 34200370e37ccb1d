import ArgumentParser
import Stages

struct ListStages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stages",
    abstract: "List the stages of jobs with their options and ranges.",
    discussion: """
      Stages are steps between reading and writing a picture. A job is a list of them, as text or in a job file, each with its \
      options behind a colon and commas in between; a comma within a value has a backslash before it:
        upscale:scale=2,sharpen:amount=0.3,radius=2

      Examples:
        acuity stages
        acuity stages upscale sharpen
        acuity stages --json --plugin ./vignette.so
      """)

  @Argument(help: "The stages to describe; all if none is named.")
  var names: [String] = []

  @OptionGroup var plugIns: PlugInOptions

  @Flag(help: "Print a JSON array.")
  var json = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let registry = try plugIns.registry()
    let entries =
      names.isEmpty ? registry.entries : try names.map { try registry.entry(named: $0) }
    let stages = entries.map(StageDescription.init)
    try Console.print(
      json ? JSON.text(stages, pretty: true) : stages.map(\.text).joined(separator: "\n\n"))
  }
}
