import ArgumentParser
import Folders
import Training

/// What is trained.
struct NetworkOptions: ParsableArguments {
  @Option(help: "Layers of the network, 1 to 1000.")
  var depth: Int?

  @Option(help: "Channels between the layers, 1 to 1024.")
  var width: Int?

  @Option(
    help:
      "Start from this model, or the newest checkpoint of this --work folder; a smaller one is grown, without changing what it computes.",
    completion: .file())
  var initial: Path?

  /// The last part of its path, which is what the recipe keeps.
  var initialName: String? { initial.map { escaped(splitPath($0.bytes).1) } }

  func apply(to recipe: inout Recipe) {
    if let depth { recipe.depth = depth }
    if let width { recipe.width = width }
    if let initialName { recipe.initial = initialName }
  }
}
