import Acuity
import ArgumentParser
import Batch
import Folders

@main
struct AcuityCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "acuity",
    abstract: "Enlarge photographs with a super-resolution network, exactly and fast, on the CPU.",
    discussion: """
      Examples:
        acuity demo                         show what it does, on a drawn picture
        acuity upscale photo.jpg -o large.jpg
        acuity upscale photos -o enlarged --recursive --scale 4
        acuity run job.yaml                 several outputs of each picture
        acuity info photo.jpg               what a picture is
        acuity info --cpu                   what this machine offers
        acuity evaluate Set5                measure a model against ground truth
        acuity bench network                measure the speed on this machine
        acuity --generate-completion-script zsh > ~/.zsh/_acuity

      Exit codes: 0 all done, 1 some inputs failed, 64 usage, 66 unreadable input, 73 cannot create, \
      74 input/output, 75 locked or try later, 78 bad model, 130 interrupted.

      Environment: ACUITY_MODELS names a folder of models, which --model then finds by name; ACUITY_ISA stands for --isa \
      where that is not given.
      """,
    version: acuityVersion,
    subcommands: [
      UpscaleCommand.self,
      RunCommand.self,
      Bench.self,
      Demo.self,
      Evaluate.self,
      Watch.self,
      Info.self,
      ListStages.self,
      TrainCommand.self,
    ])

  /// Parses by `Arguments`, so that names keep their bytes, and ends with the code that `ExitStatus` has for an error.
  static func main() async {
    Descriptor.fillClosedStreams()
    // Swift looks for the arguments in /proc. Without them this would be a plain `acuity`: help, and code 0.
    guard CommandLine.argc > 0 else {
      CommandFailure.report(
        CommandFailure(.inputOutput, "the arguments cannot be read from /proc/self: is /proc mounted?"))
    }
    let arguments = Arguments.encoded
    // A codec's process: never started by people, and often, so that it does without a parser.
    if arguments == [WorkerCoder.subcommand] { return WorkerService.run() }
    // A service is stopped at any moment, also while it starts: that is an end in good order.
    if arguments.first == Watch._commandName { Interrupts.install() }
    OutputOptions.prepare(arguments)
    let isLikely = (
      codec: EarlyCodec.isLikely(for: arguments), network: EarlyNetwork.isLikely(for: arguments)
    )
    // What starts early takes a handful of the descriptors that there have to be.
    let reserving =
      (isLikely.codec || isLikely.network) && (try? checkDescriptors()) != nil
      ? Task { await reserveDescriptors() } : nil
    if reserving != nil {
      if isLikely.network { EarlyNetwork.begin() }
      if isLikely.codec { EarlyCodec.begin(for: arguments) }
    }
    let command: any ParsableCommand
    do {
      try checkName(arguments)
      try checkHiddenHelp(arguments)
    } catch {
      CommandFailure.report(error)
    }
    do {
      command = try parsed(arguments)
    } catch {
      CommandFailure.report(parsing: error)
    }
    do {
      if let reserving {
        await reserving.value
      } else {
        try checkDescriptors()
        await reserveDescriptors()
      }
      try await run(command)
      ExitGuard.end(.success)
    } catch {
      CommandFailure.report(error, in: type(of: command))
    }
  }

  /// A command that is called by its name is parsed by itself: the parser of all asks it for its options once more, a
  /// millisecond of a small picture's thirty. What is wrong with it, and help, is told by that one.
  private static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
    let named = configuration.subcommands.first { $0._commandName == arguments.first }
    if let named, named.configuration.subcommands.isEmpty,
      let command = try? named.parseAsRoot(Array(arguments.dropFirst())), type(of: command) == named
    {
      return command
    }
    return try parseAsRoot(arguments)
  }

  /// Whoever may open next to no files learns it now, before anything waits or runs beside: without a descriptor for that
  /// the dispatch library ends the process on the spot.
  private static func checkDescriptors() throws {
    do throws(FileError) {
      try Descriptor.checkRoom(for: leastDescriptors)
    } catch {
      throw CommandFailure(
        .tryLater,
        "\(error); acuity needs at least \(leastDescriptors) beside those that it is given: raise the limit "
          + "(ulimit -n \(2 * leastDescriptors))")
    }
  }

  /// Has the dispatch library open what it needs for its timers before anybody else opens files.
  private static func reserveDescriptors() async {
    try? await Task.sleep(for: .nanoseconds(1), clock: .continuous)
    try? await Task.sleep(for: .nanoseconds(1), clock: .suspending)
  }

  private static let leastDescriptors = 32

  private static func run(_ command: some ParsableCommand) async throws {
    var command = command
    if var asynchronous = command as? any AsyncParsableCommand {
      try await asynchronous.run()
    } else {
      try command.run()
    }
  }
}
