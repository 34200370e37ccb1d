import Acuity
import ArgumentParser
import Convolution
import Folders
import SuperResolution
import Training

/// `acuity train`: pictures in, a model out.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network on folders of pictures.",
    discussion: """
      Reads every picture of the folders (PNG, JPEG, WebP, BMP), makes it worse in the ways that --degrade names, and \
      teaches a network to undo that. Nothing has to be prepared, and no other file is written than those in the --work \
      folder and the model.

      The --work folder holds the checkpoints, history.csv and history.html, which shows how it goes while it goes. A run \
      that was stopped or killed goes on with the same command and --resume as if it had never stopped.

      Every twentieth picture is held out to measure on, in the published training too (see --hold-out), and the model is the \
      best of all measured steps; never measure on the pictures that you will judge the model by.

      What no option says is as the recipe has it: see --recipe.

      Examples:
        acuity train T91 BSDS200 --out model.safetensors
        acuity train T91 BSDS200 --out model.safetensors --recipe paper --hold-out 0
        acuity train photos --out jpeg.safetensors --degrade bicubic=2,3,4 jpeg=30-95
        acuity train T91 BSDS200 --out model.safetensors --resume
      """)

  @Argument(help: "Folders of pictures, searched at any depth, or single pictures.", completion: .directory)
  var folders: [Path]

  @Option(name: .shortAndLong, help: "The model file to write when the run ends, or is interrupted.")
  var out: Path

  @Option(
    help: "Folder for checkpoints and history (default: the model's name with .training).",
    completion: .directory)
  var work: Path?

  @Option(
    help: ArgumentHelp(
      "The best quality for an hour of the processor (default), or the published training in full (paper).",
      // Not in the configuration, which every command's start reads: to describe a recipe takes two milliseconds.
      discussion: """
        \(Recipe.standard.summary)
        \(Recipe.paper.summary)
        """))
  var recipe: RecipeChoice?

  @Flag(help: "Go on from the newest checkpoint of the --work folder, if there is one.")
  var resume = false

  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Reading") var reading: ReadingOptions
  @OptionGroup(title: "Run") var running: TrainingRunOptions
  @OptionGroup(title: "Messages") var messages: OutputOptions

  func validate() throws {
    try checkEnding(of: out, option: "--out", right: ".safetensors")
    if !resume { _ = try newRecipe() }
  }

  /// Of a run that begins. One that goes on holds the options against what it began with.
  private func newRecipe() throws -> Recipe {
    if network.initial != nil, training.initialization != nil {
      throw ValidationError(
        "--initial and --initialization each say how the network begins: give one of them")
    }
    var recipe = (self.recipe ?? .default).recipe
    network.apply(to: &recipe)
    try training.apply(to: &recipe)
    return recipe
  }

  func run() throws {
    let work = work ?? Path(out.bytes + Array(".training".utf8))
    // A training that cannot begin leaves no folder behind.
    let newFolders = NewFolders([work, Path(splitPath(out.bytes).folder)])
    defer { newFolders.removeEmpty() }
    let output = try ModelOutput(out)
    if realPath(work.bytes) == realPath(out.bytes) {
      throw ValidationError(
        "--work and --out are the same: a folder for checkpoints, and a file for the model")
    }
    var place = try WorkFolder(work, resumes: resume)
    try output.check(apartFrom: place.folder)
    let recipe = try place.checkpoint.map { try continued($0.state.recipe) } ?? newRecipe()
    let threads = running.compute.threadCount
    let set = try TrainingSet(
      folders: folders.map(\.bytes), degradations: DegradationChain(parsing: recipe.degradations),
      reductions: recipe.reductions, minimumSide: recipe.patch, maxBytes: running.maxMemory.bytes,
      seed: recipe.seed, threads: threads, limits: reading.limits, reading: reading.options,
      describe: ReadingOptions.describe)
    if let first = set.repeated.first {
      let more = set.repeated.count == 1 ? "" : " and \(set.repeated.count - 1) more"
      Console.report(.warning, "\(first)\(more): named twice, counted once")
    }
    for reason in set.refused { Console.report(.warning, "\(reason); it is left out") }
    let instructionSet = try InstructionSet.resolve(running.compute.isa)
    let need = MemoryNeed(recipe, set, threads: threads, instructionSet: instructionSet)
    try check(need)
    let initial = place.checkpoint == nil ? try network.initial.map { try Self.values(of: $0) } : nil
    let trainer = try Trainer(
      recipe: recipe, set: set, initial: initial, threads: threads, instructionSet: instructionSet)
    if let checkpoint = place.takeCheckpoint() { try trainer.restore(checkpoint, file: place.folder.path) }
    let session = TrainingRun(
      trainer: trainer, place: place, output: output, checkpointEvery: running.checkpointEvery,
      measureEvery: running.measureEvery)
    session.describe(set, need, threads: threads)
    try session.go()
  }

  /// Of a model by name or file, or the averages of the newest checkpoint in a folder.
  private static func values(of path: Path) throws -> Parameters {
    guard let folder = try? Folder(path.bytes) else {
      return try Parameters(ModelRegistry.builtIn.weights(path.bytes))
    }
    let store = CheckpointFolder(folder)
    guard let checkpoint = try store.newest(report: { Console.report(.warning, $0) }) else {
      throw TrainingError.checkpoint(file: "\(path)", "holds no checkpoint")
    }
    let shape = checkpoint.state.recipe.shape
    guard checkpoint.average.count == shape.parameterCount else {
      throw TrainingError.checkpoint(file: "\(path)", "has not as many values as its network")
    }
    return Parameters(shape: shape, values: checkpoint.average)
  }

  /// The recipe of a run that goes on: the checkpoint's, changed where an option says so. What cannot change any more, or would do
  /// nothing, may be given again, but not differently.
  private func continued(_ stored: Recipe) throws -> Recipe {
    let settled: [(option: String, given: String?, stored: String)] = [
      ("--recipe", recipe?.rawValue, stored.name),
      ("--depth", network.depth.map(String.init), "\(stored.depth)"),
      ("--width", network.width.map(String.init), "\(stored.width)"),
      ("--initial", network.initialName, stored.initial ?? "none"),
      ("--initialization", training.initialization?.rawValue, stored.initialization.rawValue),
      ("--seed", training.seed.map { "\($0)" }, "\(stored.seed)"),
      ("--hold-out", training.holdOut.map(String.init), "\(stored.holdOut)"),
    ]
    for (option, given, stored) in settled {
      if let given, given != stored {
        throw ValidationError(
          "\(option) \(Text.safe(given)): the run to resume began with \(Text.safe(stored)), which cannot change any more; "
            + "leave the option out, or begin anew in another --work folder")
      }
    }
    var recipe = stored
    try training.apply(to: &recipe)
    return recipe
  }

  /// Refuses what the machine cannot hold, which would end in a crash hours later or at once.
  private func check(_ need: MemoryNeed) throws {
    let there = ByteCount(usableMemory())
    if need.total > there.bytes {
      throw ValidationError(
        "the training takes \(ByteCount(need.total)) of memory, the machine has \(there); "
          + "choose less --max-memory, --batch, --patch, --width or --depth, or fewer --threads")
    }
  }
}
