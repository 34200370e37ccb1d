package import Convolution

/// The bytes that a training takes, found out before anything is allocated: what the machine cannot hold would end in a crash
/// at once or, worse, at the first checkpoint.
///
/// Each sum is of the same counts as the allocations themselves (`count` of the engine and of the validation).
package struct MemoryNeed: Sendable, Hashable {
  package let pictures: Int
  /// Packed weights, and what every thread computes in.
  package let engine: Int
  /// The same, smaller, for the pictures that it is measured on.
  package let validation: Int
  /// Arrays as long as the network has values.
  package let values: Int

  package var total: Int { pictures + engine + validation + values }
  /// All but the pictures.
  package var computing: Int { total - pictures }

  /// Of a training by `recipe` on `set`.
  package init(_ recipe: Recipe, _ set: TrainingSet, threads: Int, instructionSet: InstructionSet) {
    let (shape, bytes) = (recipe.shape, MemoryLayout<Float>.stride)
    let network = NetworkNeed(shape, instructionSet)
    let groups = min(recipe.batch, GradientEngine.groups)
    let patches = GradientEngine.patchesAtOnce(batch: recipe.batch)
    let measured = TrainingSplit(set, holdingOutEvery: recipe.holdOut).measured
    let (side, chosen) = Validation.choice(of: measured)
    let passes = max(1, min(threads, chosen.count * set.variants.count))
    pictures = set.bytes
    engine =
      bytes
      * (network.forward + network.backward
        + min(threads, groups) * network.trainingPass(recipe.patch, patches: patches)
        + (groups + 1) * shape.parameterCount)
    validation = bytes * (network.forward + passes * network.validationPass(max(side, 1)))
    // Kept: the values, their average, the best of it, the optimizer's two. For the length of a step: the gradient that is clipped,
    // new values, average and state. To be saved: the bytes of the five and once more an array's. The two never coincide.
    let step = 5 * shape.parameterCount + Self.orthogonalization(recipe, threads)
    values = bytes * (5 * shape.parameterCount + max(step, 6 * shape.parameterCount))
  }

  /// Floats that Muon takes for a step: all of its matrices before and after, and on every thread one scaled and one transposed.
  private static func orthogonalization(_ recipe: Recipe, _ threads: Int) -> Int {
    guard case .muon = recipe.method else { return 0 }
    let sizes = recipe.shape.layers.dropFirst().dropLast().map(\.weights.count)
    return 2 * sizes.reduce(0, +) + 2 * min(threads, sizes.count) * (sizes.max() ?? 0)
  }
}

/// Floats that a network of a shape takes.
private struct NetworkNeed {
  let shape: NetworkShape
  /// Of the packed weights.
  private(set) var forward = 0
  private(set) var backward = 0
  /// Of the gradients of one thread.
  private var gradients = 0
  private var forwardScratch = 0
  private var trainingScratch = 0

  init(_ shape: NetworkShape, _ instructionSet: InstructionSet) {
    self.shape = shape
    let tile = PackedNetwork.tile
    for layer in shape.layers {
      let (layout, transposed) = (
        layer.layout(for: instructionSet), layer.transposedLayout(for: instructionSet)
      )
      guard layer.suitsWinograd else {
        forward += layout.count
        backward += transposed.count
        gradients += layout.count
        continue
      }
      forward += WinogradWeights.count(layout, tile)
      backward += WinogradWeights.count(transposed, tile)
      gradients += WinogradWeights.count(layout, tile)
      forwardScratch = max(forwardScratch, WinogradWeights.scratchCount(layout, tile))
      trainingScratch = max(
        trainingScratch, WinogradWeights.scratchCount(transposed, tile),
        PackedWinogradGradient.scratchCount(layout, tile))
    }
  }

  /// Of each patch every layer's input and the output, and two slopes of each number of channels.
  func trainingPass(_ side: Int, patches: Int) -> Int {
    gradients + max(forwardScratch, trainingScratch)
      + patches * (side * side + maps(shape.channels, side) + 2 * maps(Array(Set(shape.channels)), side))
  }

  /// Of each number of channels a map for the even layers' inputs and one for the odd ones', where there are such.
  func validationPass(_ side: Int) -> Int {
    let inputs = shape.channels.enumerated().map { index, channels in [channels, index & 1] }
    return side * side + forwardScratch + maps(Set(inputs).map { $0[0] }, side)
  }

  private func maps(_ channels: [Int], _ side: Int) -> Int {
    let padded = PackedNetwork.paddedSide(shape, side: side)
    return channels.reduce(0) { $0 + FeatureMap.count(width: padded, height: padded, channels: $1) }
  }
}
