import ArgumentParser
import Batch

/// Decodes and encodes for another `acuity`, on request over a pipe: started by it, never by people.
struct Worker: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: WorkerCoder.subcommand,
    abstract: "Decode and encode pictures for another process of acuity.",
    shouldDisplay: false)

  func run() {
    WorkerService.run()
  }
}
