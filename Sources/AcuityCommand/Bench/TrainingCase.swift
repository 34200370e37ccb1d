import Convolution
import Pixels
import Training

/// A training step on seeded patches, and the check of its gradient.
struct TrainingCase {
  let shape: NetworkShape
  private let engine: GradientEngine
  private let batch: Int
  private let side: Int
  private let inputs: [Float]
  private let truths: [Float]
  private var parameters: Parameters
  private var optimizer: Optimizer

  init(shape: NetworkShape, side: Int, batch: Int, threads: Int, instructionSet: InstructionSet) {
    self.shape = shape
    self.side = side
    self.batch = batch
    var random = RandomSource(seed: 22)
    parameters = Parameters(shape: shape, initialization: .identity, random: &random)
    inputs = (0..<batch * side * side).map { _ in Float(random.uniform()) }
    truths = (0..<batch * side * side).map { _ in Float(random.uniform()) }
    optimizer = Optimizer(shape: shape, method: Recipe.standard.method)
    engine = GradientEngine(
      shape: shape, side: side, batch: batch, threads: threads, instructionSet: instructionSet)
  }

  /// Bytes that a case takes: a training's, and its patches.
  static func memory(
    depth: Int, width: Int, side: Int, batch: Int, threads: Int, instructionSet: InstructionSet
  ) -> Int {
    var recipe = Recipe.standard
    (recipe.depth, recipe.width, recipe.patch, recipe.batch) = (depth, width, side, batch)
    let none = TrainingSet(pictures: [], variants: [])
    let need = MemoryNeed(recipe, none, threads: threads, instructionSet: instructionSet)
    return need.total + 2 * MemoryLayout<Float>.stride * batch * side * side
  }

  mutating func step() {
    _ = loss(parameters)
    var gradient = engine.gradient
    optimizer.step(
      &parameters.values, gradient: &gradient, rate: Recipe.standard.rate, threads: engine.threads)
  }

  /// Where the time of all steps so far has gone, of all threads together.
  var times: PassTimes { engine.times }

  /// What a slope may be off by: the differences cross rectifiers' kinks, and are of floats.
  static let bound = 0.02

  /// How far the loss's slope, by central differences, is from what the gradient says, relatively, along the direction
  /// that follows each layer's part of the gradient equally far. Infinite if a layer has no gradient.
  func gradientError() -> Double {
    let start = loss(parameters)
    let gradient = engine.gradient
    var direction = gradient
    var expected = 0.0
    for layer in shape.layers {
      let values = layer.weights.lowerBound..<layer.biases.upperBound
      let norm = euclideanNorm(gradient[values])
      guard norm > 0 else { return .infinity }
      for i in values { direction[i] /= Float(norm) }
      expected += norm
    }
    // From a hundredth of the loss either way, which is large over a float's rounding, to a ten thousandth, over which
    // small networks bend less.
    let errors = [0.01, 0.003, 0.001, 0.0003, 0.0001].lazy.map { share in
      let length = share * start / expected
      func moved(_ length: Double) -> Double {
        var parameters = parameters
        for i in direction.indices { parameters.values[i] += Float(length) * direction[i] }
        return loss(parameters)
      }
      let slope = (moved(length) - moved(-length)) / (2 * length)
      let error = abs(slope / expected - 1)
      return error.isNaN ? .infinity : error
    }
    return errors.first { $0 <= Self.bound } ?? errors.min() ?? .infinity
  }

  /// The loss of the batch; the engine then has its gradient.
  private func loss(_ parameters: Parameters) -> Double {
    let count = side * side
    let losses = engine.evaluate(
      parameters, batch: batch, loss: Recipe.standard.loss, weight: 1 / Float(batch * count)
    ) { [inputs, truths, side] index, rows, truth in
      for row in 0..<side {
        for column in 0..<side { rows[row][column] = inputs[index * count + row * side + column] }
      }
      for i in 0..<count { truth[i] = truths[index * count + i] }
    }
    return losses.reduce(0, +)
  }
}
