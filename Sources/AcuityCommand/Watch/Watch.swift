import Acuity
import ArgumentParser
import Batch
import Folders
import Foundation
import Ledger
import Logging
import ServiceLifecycle
import Watching

struct Watch: AsyncParsableCommand, SingleOutputCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Enlarge every picture that comes into a folder.",
    discussion: """
      Examples:
        acuity watch in out
        acuity watch in out --scale 4 --format webp --done move --failed in/failed
        acuity watch /mnt/scanner out --poll --done delete \\
          --metrics /var/lib/node_exporter/acuity.prom

      A file is taken when it is complete: unchanged for a while, and decoding to its end; a slow writer is waited for \
      however long it takes. Subfolders are watched too and mirrored; hidden files and other than picture files are \
      left alone, and photographs in formats that acuity does not read are reported; OUT may lie in IN. Each input \
      gets one output, whatever happens meanwhile: what is done is kept in a ledger, and a kill costs no more than the \
      work in hand. A file that fails is tried three times and then left alone until it changes; if a taken name or a limit \
      was in the way, until it is touched or put back, or the next start. A folder whose disk is away is waited for, and room \
      on a full disk, by a start too.

      SIGTERM or SIGINT ends it within moments with exit code 0; a second one at once with 130. Only one watcher works \
      in a folder; another one ends with 75. What it is about stands in OUT/.acuity/status.json. By the small file .acuity-watched, which \
      it leaves in IN, it knows whether the folder's disk is there.
      """)

  @Argument(help: "The folder that pictures come into.")
  var input: Path

  @Argument(help: "The folder that their outputs go to; made if need be.")
  var output: Path

  @OptionGroup(title: "Watching") var watching: WatchOptions
  @OptionGroup(title: "Size") var target: TargetOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Engine") var compute: ComputeOptions
  @OptionGroup(title: "Memory") var memory: MemoryOptions

  @Option(
    help: ArgumentHelp(
      "Stages instead of plain enlarging, such as upscale:scale=2,sharpen:amount=0.3,radius=2 (see acuity stages).",
      valueName: "list"))
  var stages: String?

  @OptionGroup(title: "Plug-ins") var plugIns: PlugInOptions
  @OptionGroup(title: "Reading") var reading: ReadingOptions
  @OptionGroup(title: "Writing") var writing: WritingOptions
  @OptionGroup(title: "Isolation") var isolation: IsolationOptions
  @OptionGroup(title: "Messages") var messages: OutputOptions

  func validate() throws {
    try validateStages()
  }

  static func spelling(of setting: JobSetting, values: [String]) -> String? {
    switch setting {
    case .tolerant: "acuity upscale \(setting.option(values))"
    case .recursive: nil
    case .ifExists:
      values.contains(WatchOptions.Existing.overwrite.rawValue)
        ? setting.option([WatchOptions.Existing.overwrite.rawValue]) : nil
    default: setting.option(values)
    }
  }

  func run() async throws {
    Interrupts.install()
    returnMemoryPromptly()
    let settings = watching.settings(input: input, output: output)
    endInAnyCase(after: settings.stopLimit + .seconds(5))
    let logger = Logger(label: "acuity.watch") { _ in ConsoleLogHandler() }
    let manager = ServiceManager()
    let stop = StopFlag { Interrupts.areRaised }
    // First, for the folders may have to be waited for, and must not be made for a command that cannot be.
    let pattern = try writing.name.map { try NamePattern($0) }
    let format = try Destination(folder: output.bytes, name: nil).format(
      asked: writing.imageFormat, pattern: pattern)
    try writing.check(for: format)
    var job = try job(root: output.bytes, name: pattern ?? .same, format: format)
    job.limits = reading.limits
    job.reading = reading.options
    watching.apply(to: &job)
    guard let folders = try await WatchFolders.open(settings, logger: logger, manager: manager, stop: stop)
    else { return }
    let ledger = folders.ledger
    let processor = try FileProcessor(
      job, coder: isolation.coder, ledger: ledger,
      resources: Resources(threads: job.threads, memory: job.maxMemory), roots: [folders.output])

    // The watcher alone has the folders from here on: what else had them would keep one that gives way to another locked.
    let watcher = try Watcher(
      settings, folders: consume folders, processor: PictureProcessor(processor, ledger: ledger),
      logger: logger, manager: manager, stop: stop, abandon: { Interrupts.endOnTheSpot(.success) })
    try await serve(watcher)
  }

  /// Has the process end so long after a signal whatever holds the watcher itself up, such as somebody who does not read its
  /// messages. A thread of its own, for what is held up may hold up all others.
  private func endInAnyCase(after limit: Duration) {
    Thread.detachNewThread {
      while !Interrupts.areRaised { Thread.sleep(forTimeInterval: 0.25) }
      Thread.sleep(forTimeInterval: limit / .seconds(1))
      Interrupts.endOnTheSpot(.success)
    }
  }

  /// Runs the watcher as a service that a signal shuts down gracefully. The signals are the command's own, for the
  /// second one has to end the process in whatever state it is.
  private func serve(_ watcher: Watcher) async throws {
    var silent = Logger(label: "acuity.service") { _ in ConsoleLogHandler() }
    silent.logLevel = .error
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: watcher, successTerminationBehavior: .gracefullyShutdownGroup)],
        logger: silent))
    let relay = Task {
      while !Interrupts.areRaised {
        do { try await Task.sleep(for: .milliseconds(50)) } catch { return }
      }
      await group.triggerGracefulShutdown()
    }
    defer { relay.cancel() }
    try await group.run()
  }
}
