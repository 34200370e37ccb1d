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

  mutating func step() {
    _ = loss(parameters)
    var gradient = engine.gradient
    optimizer.step(
      &parameters.values, gradient: &gradient, rate: Recipe.standard.rate, threads: engine.threads)
  }

  /// Where the time of all steps so far has gone, of all threads together.
  var times: PassTimes { engine.times }

  /// What the gradient may be off by along itself: the differences cross rectifiers' kinks, and are of floats.
  static let bound = 0.02

  /// How far the loss's slope along the gradient, by central differences, is from the gradient's norm, relatively.
  func gradientError() -> Double {
    let start = loss(parameters)
    let gradient = engine.gradient
    let norm = euclideanNorm(gradient[...])
    // A hundredth of the loss either way: large over a float's rounding, small over what bends it.
    let length = 0.01 * start / norm
    func moved(_ sign: Double) -> Double {
      var parameters = parameters
      let factor = Float(sign * length / norm)
      for i in gradient.indices { parameters.values[i] += factor * gradient[i] }
      return loss(parameters)
    }
    let slope = (moved(1) - moved(-1)) / (2 * length)
    let error = abs(slope / norm - 1)
    return error.isNaN ? .infinity : error
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
