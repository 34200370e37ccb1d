import ArgumentParser
import Batch
import Folders
import Watching

/// What `acuity watch` does around the pictures.
struct WatchOptions: ParsableArguments {
  /// What happens to an input when its output is there.
  enum Done: String, CaseIterable, ExpressibleByArgument {
    case keep
    case move
    case delete
  }

  /// What happens to an output that is there already and is not known to be the input's own.
  enum Existing: String, CaseIterable, ExpressibleByArgument {
    case keep
    case overwrite
  }

  @Option(help: "What happens to an input when its output is there: keep, move or delete it.")
  var done = Done.keep

  @Option(
    help: ArgumentHelp(
      "Where --done move puts finished inputs, below the same subfolders; by default IN/done.",
      valueName: "folder"))
  var doneFolder: Path?

  @Option(
    help: ArgumentHelp(
      "Where inputs go that are given up, each with the reason beside it in a .json file; by default they stay "
        + "where they are.", valueName: "folder"))
  var failed: Path?

  @Option(
    help: """
      A file in the output's place that no run of acuity watch has put there: keep it, which makes the input done if it is \
      the same to the byte as its output and given up if not, or overwrite it. So too with the output of a former picture \
      of the name that was moved or deleted when it was done. The output of an input of another name is always kept.
      """)
  var ifExists = Existing.keep

  @Option(help: "Attempts at an input before it is given up, 1 to 100.")
  var attempts = 3

  @Option(
    help: ArgumentHelp(
      "Take a file when it has not changed for so long, 0.01 to 3600 (and decodes to its end).",
      valueName: "seconds"))
  var settle = 2.0

  @Flag(
    inversion: .prefixedNo,
    help: "Look every few seconds instead of waiting for events; by default on network file systems.")
  var poll: Bool?

  @Option(
    help: ArgumentHelp(
      "Look at everything so often, 0.1 to 86400, whatever the events say.", valueName: "seconds"))
  var rescan = 60.0

  @Option(help: "Files worked on at a time, 1 to 64: one computes while another is decoded or written.")
  var jobs = 2

  @Option(
    help: ArgumentHelp(
      "Where the ledger, the lock and the status file are kept; by default OUT/.acuity.", valueName: "folder")
  )
  var state: Path?

  @Option(
    help: ArgumentHelp(
      "A status file (JSON) elsewhere than status.json in the state folder.", valueName: "file"))
  var status: Path?

  @Option(
    help: ArgumentHelp(
      "Also write metrics, for the textfile collector of Prometheus's node exporter.", valueName: "file"))
  var metrics: Path?

  @Option(
    help: ArgumentHelp(
      "Without any progress for so long, 0.1 to 86400, stop telling the service manager that all is well.",
      valueName: "seconds"))
  var stallLimit = 300.0

  func validate() throws {
    guard (0.01...3600).contains(settle) else {
      throw ValidationError("--settle is 0.01 to 3600 seconds, not \(settle)")
    }
    guard (0.1...86_400).contains(rescan) else {
      throw ValidationError("--rescan is 0.1 to 86400 seconds, not \(rescan)")
    }
    guard (0.1...86_400).contains(stallLimit) else {
      throw ValidationError("--stall-limit is 0.1 to 86400 seconds, not \(stallLimit)")
    }
    guard (1...100).contains(attempts) else {
      throw ValidationError("--attempts is 1 to 100, not \(attempts)")
    }
    guard (1...64).contains(jobs) else { throw ValidationError("--jobs is 1 to 64, not \(jobs)") }
    if doneFolder != nil, done != .move {
      throw ValidationError("--done-folder goes with --done move")
    }
    for (option, file) in [("--status", status), ("--metrics", metrics)] {
      guard let file, let name = RelativePath(splitPath(file.bytes).name), InputNames.accepts(name) else {
        continue
      }
      // A picture of that name would be replaced, and this file taken for an input or be in an output's way.
      throw ValidationError("\(option) is a file with another ending than a picture's, not \(file)")
    }
  }

  /// Inputs may be removed when they are done, so that a file of the right form is not enough to call one done.
  func apply(to job: inout Job) {
    switch ifExists {
    case .keep:
      job.ifExists = .skip
      job.takesOnlyEqualOutputs = true
    case .overwrite: job.ifExists = .overwrite
    }
  }

  func settings(input: Path, output: Path) -> WatchSettings {
    var settings = WatchSettings(input: input.bytes, output: output.bytes)
    switch done {
    case .keep: settings.done = .keep
    case .move: settings.done = .move(doneFolder?.bytes ?? input.bytes + Array("/done".utf8))
    case .delete: settings.done = .delete
    }
    settings.failed = failed?.bytes
    if let state { settings.state = state.bytes }
    settings.statusFile = status?.bytes
    settings.metricsFile = metrics?.bytes
    settings.settle = .seconds(settle)
    settings.polls = poll
    settings.scanInterval = .seconds(rescan)
    settings.pollInterval = min(settings.pollInterval, settings.scanInterval)
    settings.jobs = jobs
    settings.attempts = attempts
    settings.stallLimit = .seconds(stallLimit)
    return settings
  }
}
