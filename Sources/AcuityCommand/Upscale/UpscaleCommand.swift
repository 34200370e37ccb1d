import Acuity
import ArgumentParser
import Batch

struct UpscaleCommand: AsyncParsableCommand, SingleOutputCommand {
  static let configuration = CommandConfiguration(
    commandName: "upscale",
    // When this command is parsed by itself, it is not asked for completion scripts first, 2 ms of a picture of 64 x 64's 36.
    _superCommandName: "acuity",
    abstract: "Enlarge pictures: files, folders, whole trees.",
    discussion: """
      Examples:
        acuity upscale photo.jpg -o large.jpg
        acuity upscale photos -o enlarged --recursive --scale 4 --format webp
        acuity upscale *.png -o out/ --fit 3840x2160 --name '{stem}_{scale}x.{ext}'
        acuity upscale photos -o enlarged --ledger enlarged.ledger --report report
        find photos -name '*.jpg' | acuity upscale --files-from - -o enlarged
        curl https://example.org/photo.jpg | acuity upscale - -o - > large.jpg
        acuity upscale photos -o enlarged --shard 2/8
        acuity upscale photos -o enlarged --dry-run

      Outputs appear under their names when they are whole and on the disk. What is there already is kept, so that a \
      run that was interrupted is finished by the same command. A file that fails does not stop the others; it is \
      listed at the end.
      """)

  @Argument(help: "Pictures, and folders of them; - for a picture from standard input.")
  var inputs: [Path] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where the output goes: a folder, or for a single input a file or standard output (-). What is no folder yet "
        + "becomes one if it ends in / or there are several inputs.", valueName: "path"))
  var output: Path

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
  @OptionGroup(title: "Inputs") var selection: SelectionOptions
  @OptionGroup(title: "Reading") var reading: ReadingOptions
  @OptionGroup(title: "Reading") var damage: DamageOptions
  @OptionGroup(title: "Writing") var writing: WritingOptions
  @OptionGroup(title: "Writing") var existing: ExistingOptions
  @OptionGroup(title: "Run") var run: BatchRunOptions
  @OptionGroup(title: "Run") var codecs: IsolationOptions
  @OptionGroup(title: "Messages") var messages: OutputOptions

  func validate() throws {
    if inputs.isEmpty && selection.filesFrom.isEmpty {
      throw ValidationError("name a picture or a folder, or give a list by --files-from")
    }
    if output == PipedPicture.mark, run.eventsFd == 1 {
      throw ValidationError("standard output is the picture's (-o -); write events to another descriptor")
    }
    // In all parts but one nothing would come out, with code 0; and each part has a standard input of its own.
    if run.shard != nil, output == PipedPicture.mark || inputs.contains(PipedPicture.mark) {
      throw ValidationError(
        "a picture of standard input or output (-) is in no part of a batch: leave --shard out, or name files and folders"
      )
    }
    try validateStages()
  }

  func run() async throws {
    let piped = try PipedPicture(inputs: inputs, output: output, lists: selection.filesFrom)
    let destination =
      try piped?.destination ?? Destination(output, inputs: inputs, lists: selection.filesFrom)
    if destination.name != nil && writing.name != nil {
      throw ValidationError("--name is for output folders; \(output) is a file")
    }
    let pattern = try writing.name.map { try NamePattern($0) }
    let format = try destination.format(asked: writing.imageFormat, pattern: pattern)
    try writing.check(for: format)
    // If a codec's process was not started before, it starts while the model is read.
    let coder = run.preparedCoder(codecs)
    var job = try job(
      root: destination.folder, name: pattern ?? destination.name.map { .fixed($0) } ?? .same, format: format)
    job.limits = reading.limits
    job.reading = damage.applied(to: reading.options)
    job.ifExists = existing.ifExists
    piped?.lead(&job.outputs[0])
    var selection = try selection.selection(inputs.filter { $0 != PipedPicture.mark })
    if let input = try piped?.begin(limit: job.limits.maxFileSize) { selection.ready.append(input) }
    try await BatchSession(job: job, selection: selection, options: run, coder: coder).run()
  }
}
