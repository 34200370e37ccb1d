import ArgumentParser
import Convolution
import Dispatch
import Folders
import Foundation
import SuperResolution
import Synchronization
import Training

/// `acuity train`: pictures in, a model out.
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network on folders of pictures.",
    discussion: """
      Reads every picture of the folders (PNG, JPEG, WebP, BMP), makes it worse in the ways that --degrade names, and teaches
      a network to undo that. Nothing has to be prepared, and no other file is written than those in the --work folder
      and the model.

      The --work folder holds the checkpoints, history.csv and history.html, which shows how it goes while it goes. A run
      that was stopped or killed goes on with --resume as if it had never stopped.

      Every twentieth picture is held out to measure on; never measure on the pictures that you will judge the model by.

      Examples:
        acuity train T91 BSDS200 --out model.safetensors
        acuity train T91 BSDS200 --out model.safetensors --recipe paper
        acuity train T91 BSDS200 --out model.safetensors --resume
      """)

  @Argument(help: "Folders of pictures, searched at any depth, or single pictures.")
  var folders: [String]

  @Option(name: .shortAndLong, help: "The model file to write when the run ends, or is interrupted.")
  var out: String

  @Option(help: "Folder for checkpoints and history (default: the model's name with .training).")
  var work: String?

  @Option(
    help: "default: the best quality for an hour of the processor; paper: the published training in full.")
  var recipe = "default"

  @Flag(help: "Go on from the newest checkpoint of the --work folder.")
  var resume = false

  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Training") var training: TrainingOptions

  @Option(help: "Threads; all cores by default. The result does not depend on it.")
  var threads: Int?

  @Option(help: "Megabytes that the pictures may take in memory.")
  var maxMemory = 4_096

  @Option(help: "Seconds between checkpoints.")
  var checkpointEvery = 120.0

  @Option(help: "Steps between measurements on the held-out pictures.")
  var measureEvery = 250

  func run() throws {
    var recipe = try chosenRecipe()
    let work = work ?? out + ".training"
    let folder = try Folder(Array(work.utf8), create: true)
    let store = CheckpointFolder(folder)
    let checkpoint = resume ? try store.newest { print("warning: \($0)") } : nil
    if let checkpoint {
      recipe = checkpoint.state.recipe
      try network.forbidChanges()
      try training.apply(to: &recipe)
    }
    let threads = max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
    let set = try TrainingSet(
      folders: folders, degradations: DegradationChain(parsing: recipe.degradations),
      reductions: recipe.reductions, minimumSide: recipe.patch, maxBytes: maxMemory << 20, seed: recipe.seed)
    for reason in set.refused { print("warning: \(reason)") }
    let initial = checkpoint == nil ? try network.initial.map { try Self.values(of: $0) } : nil
    let trainer = try Trainer(recipe: recipe, set: set, initial: initial, threads: threads)
    if let checkpoint { try trainer.restore(checkpoint, file: work) }
    var run = TrainingRun(trainer: trainer, store: store, folder: folder, out: out)
    run.checkpointEvery = checkpointEvery
    run.measureEvery = measureEvery
    run.describe(set, threads: threads)
    try run.go()
  }

  /// Of a model file, or the averages of the newest checkpoint in a folder.
  private static func values(of path: String) throws -> Parameters {
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
      let store = try CheckpointFolder(Folder(Array(path.utf8)))
      guard let checkpoint = try store.newest(report: { print("warning: \($0)") }) else {
        throw TrainingError.checkpoint(file: path, "holds no checkpoint")
      }
      return Parameters(shape: checkpoint.state.recipe.shape, values: checkpoint.average)
    }
    return try Parameters(Model(contentsOf: path))
  }

  private func chosenRecipe() throws -> Recipe {
    guard var recipe = Recipe.named[recipe] else {
      let names = Recipe.named.keys.sorted().joined(separator: ", ")
      throw ValidationError("there is no recipe \"\(self.recipe)\"; there are: \(names)")
    }
    network.apply(to: &recipe)
    try training.apply(to: &recipe)
    return recipe
  }
}
