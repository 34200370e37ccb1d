import Convolution
import Pixels
import Testing

@testable import Training

@Suite struct GradientEngineTests {
  static let unit = 0x1p-24

  static func network(_ shape: NetworkShape) -> Parameters {
    var random = RandomSource(seed: 5)
    var parameters = Parameters(shape: shape, initialization: .he, random: &random)
    for layer in shape.layers {
      for i in layer.biases { parameters.values[i] = Float(0.1 * random.normal()) }
    }
    return parameters
  }

  /// Every element against the reference, within the bound that the reference derives.
  @Test(
    arguments: InstructionSet.supported,
    [
      (NetworkShape(depth: 4, width: 8), 11), (NetworkShape(channels: [1, 17, 33, 1]), 11),
      // By Winograd's algorithm: whole tiles, and a patch that tiles do not fill.
      (NetworkShape(depth: 4, width: 32), 12), (NetworkShape(depth: 4, width: 32), 13),
    ])
  func gradientAgreesWithDoublePrecision(_ set: InstructionSet, _ network: (shape: NetworkShape, side: Int)) {
    let (shape, side, count) = (network.shape, network.side, 3)
    let batch = patches(count, side: side)
    let parameters = Self.network(shape)
    let engine = GradientEngine(shape: shape, side: side, batch: count, threads: 2, instructionSet: set)
    let losses = engine.evaluate(
      parameters, batch: count, loss: .squared, weight: 0.25, fill: fill(batch))
    let reference = ReferenceNetwork(shape: shape, values: parameters.values.map { Double($0) })
    let exact = reference.evaluate(batch, weight: 0.25)
    let bound = reference.bounds(batch, weight: 0.25, probable: shape.channels.contains { $0 >= 16 })
    #expect(abs(losses.reduce(0, +) - exact.loss) <= bound.loss)
    for i in exact.gradient.indices {
      #expect(abs(Double(engine.gradient[i]) - exact.gradient[i]) <= bound.gradient[i])
    }
    // The bound means something: it is a hundredth of the gradient, if that.
    let size = exact.gradient.reduce(0) { max($0, abs($1)) }
    #expect(bound.gradient.reduce(0, max) < 0.01 * size)
  }

  /// The reference's gradient against central differences of its loss, along random directions that stay away from the
  /// rectifiers' kinks: where a sign differs between the two ends, the direction is left out.
  @Test func referenceAgreesWithFiniteDifferences() {
    let shape = NetworkShape(depth: 4, width: 5)
    let batch = patches(2, side: 7)
    let reference = ReferenceNetwork(shape: shape, values: Self.network(shape).values.map { Double($0) })
    for loss in [Loss.squared, .charbonnier(width: 0.05)] {
      let double: ReferenceNetwork.PixelLoss = { error in Self.inDouble(loss, error) }
      let gradient = reference.evaluate(batch, weight: 1, loss: double).gradient
      var random = RandomSource(seed: 11)
      var checked = 0
      for i in gradient.indices where random.below(3) == 0 {
        let step = 1e-6
        var (up, down) = (reference, reference)
        up.values[i] += step
        down.values[i] -= step
        let (after, before) = (
          up.evaluate(batch, weight: 1, loss: double), down.evaluate(batch, weight: 1, loss: double)
        )
        // The slope on both sides; far apart where a kink lies between.
        if abs(after.gradient[i] - before.gradient[i]) > 1e-3 { continue }
        let numeric = (after.loss - before.loss) / (2 * step)
        // Truncation: the slopes' difference; cancellation: 1e-16 of a loss of about 10 over the step.
        #expect(abs(numeric - gradient[i]) <= abs(after.gradient[i] - before.gradient[i]) + 1e-8)
        checked += 1
      }
      #expect(checked > 30)
    }
  }

  static func inDouble(_ loss: Loss, _ error: Double) -> (Double, Double) {
    switch loss {
    case .squared: return (error * error / 2, error)
    case .charbonnier(let width):
      let root = (error * error + Double(width) * Double(width)).squareRoot()
      return (root - Double(width), error / root)
    }
  }

  @Test func lossesAgreeWithTheirDefinition() {
    for loss in [Loss.squared, .charbonnier(width: 0.01)] {
      for error in stride(from: -1.0, through: 1, by: 0.01) {
        let (value, derivative) = loss(Float(error))
        let (exactValue, exactDerivative) = Self.inDouble(loss, Double(Float(error)))
        // A difference of two roots below 1.1 rounds by half a unit of 1, twice.
        #expect(abs(Double(value) - exactValue) <= 4 * Self.unit)
        #expect(abs(Double(derivative) - exactDerivative) <= 4 * Self.unit)
      }
    }
  }

  @Test func sameBitsForEveryNumberOfThreads() {
    let shape = NetworkShape(depth: 5, width: 16)
    let batch = patches(19, side: 12)
    let parameters = Self.network(shape)
    let results = [1, 2, 3, 16].map { threads in
      let engine = GradientEngine(
        shape: shape, side: 12, batch: 19, threads: threads, instructionSet: .best)
      let losses = engine.evaluate(
        parameters, batch: 19, loss: .charbonnier(width: 0.01), weight: 1, fill: fill(batch))
      return (losses, engine.gradient)
    }
    for result in results {
      #expect(result.0 == results[0].0)
      #expect(result.1 == results[0].1)
    }
  }

  @Test func borderPixelsDoNotCount() {
    let shape = NetworkShape(depth: 3, width: 8)
    var batch = patches(1, side: 12)
    let parameters = Self.network(shape)
    let engine = GradientEngine(shape: shape, side: 12, batch: 1, threads: 1, instructionSet: .best)
    let before = engine.evaluate(
      parameters, batch: 1, loss: .squared, border: 2, weight: 1, fill: fill(batch))
    for x in 0..<12 { batch[0].truth[x] = 9 }
    let same = engine.evaluate(
      parameters, batch: 1, loss: .squared, border: 2, weight: 1, fill: fill(batch))
    #expect(before == same)
    batch[0].truth[2 * 12 + 2] = 9
    let other = engine.evaluate(
      parameters, batch: 1, loss: .squared, border: 2, weight: 1, fill: fill(batch))
    #expect(before != other)
  }
}
