import Acuity
import ArgumentParser
import Batch
import Folders
import Stages

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a job file: inputs, stages and outputs in YAML.",
    discussion: """
      A job makes any number of outputs from one decode of each picture:

        inputs: [photos]
        recursive: true
        outputs:
          - folder: out/2x
            stages: upscale:scale=2
            format: png
          - folder: out/4x
            stages:
              - upscale: {scale: 4}
              - sharpen: {amount: 0.3}
            format: webp
            quality: 90

      Relative paths start from the job file's folder, but those within a list (files-from) from the working directory. \
      acuity stages lists what there is to do.

      Keys of the job: \(JobFile.jobKeys.joined(separator: ", ")). Keys of an output: \
      \(JobFile.outputKeys.joined(separator: ", ")). The job's stages run before those of every output; without any, \
      pictures keep their size. All else means what the options of the same name of acuity upscale do. Options given here \
      go before the file's.

      Examples:
        acuity run job.yaml
        acuity run job.yaml --dry-run
        acuity run job.yaml --ledger job.ledger --report report
      """)

  @Argument(help: "The job file; a regular one, or a link to one, for relative paths start from its folder.")
  var job: Path

  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Engine") var compute: ComputeOptions
  @OptionGroup(title: "Memory") var memory: MemoryOptions
  @OptionGroup(title: "Plug-ins") var plugIns: PlugInOptions
  @OptionGroup(title: "Run") var run: BatchRunOptions
  @OptionGroup(title: "Run") var codecs: IsolationOptions
  @OptionGroup(title: "Messages") var messages: OutputOptions

  func validate() throws {
    if job == PipedPicture.mark {
      throw ValidationError("a job is not taken from standard input (-): \(Self.regularFile)")
    }
  }

  private static let regularFile =
    "name its file by itself, for relative paths in it start from the file's folder"

  func run() async throws {
    var file: JobFile
    do {
      file = try JobFile(job.bytes)
    } catch let error as ReadError {
      guard case .notAFile = error else { throw CommandFailure(.unreadable, "\(error)") }
      throw CommandFailure(.unreadable, "\(error): \(Self.regularFile)")
    }
    file.mapStages(engine.applied)
    // A codec process starts while the models are read.
    let coder = run.preparedCoder(codecs)
    let models = try engine.models(compute.isa)
    var job = try file.job(
      registry: try plugIns.registry(adding: file.plugIns), environment: StageEnvironment(models: models))
    try models.checkDefault()
    job.threads = compute.threads ?? job.threads
    job.maxMemory = memory.maxMemory?.bytes ?? job.maxMemory
    job.tile = memory.tile ?? job.tile
    job.instructionSet = InstructionSet.named(compute.isa)
    job.spelling = { $0.line($1) }
    var selection = file.selection
    selection.listed = try file.filesFrom.flatMap { try SelectionOptions.list(Path($0)) }
    try await BatchSession(job: job, selection: selection, options: run, coder: coder).run()
  }
}
