import Convolution
import Foundation
import Pixels
import Testing

@testable import Training

@Suite struct GradientEngineTests {
  static let unit = 0x1p-24

  static func network(_ shape: NetworkShape, seed: UInt64 = 5) -> Parameters {
    var random = RandomSource(seed: seed)
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

  /// The reference's gradient of every value and of every pixel of the input against central differences of its loss. Where a
  /// rectifier has a kink between the two ends there is no difference to compare with; that is rare.
  @Test(
    arguments: [5, 6, 7] as [UInt64], [Loss.squared, .charbonnier(width: 0.05), .logarithmic(floor: 0.05)])
  func referenceAgreesWithFiniteDifferences(_ seed: UInt64, _ loss: Loss) {
    let shape = NetworkShape(depth: 4, width: 4)
    let batch = patches(2, side: 6, seed: seed)
    let reference = ReferenceNetwork(
      shape: shape, values: Self.network(shape, seed: seed).values.map { Double($0) })
    let double: ReferenceNetwork.PixelLoss = { error, meanSquare in Self.inDouble(loss, error, meanSquare) }
    let (value, gates) = reference.trace(batch, loss: double)
    var (checked, count) = (0, 0)
    func compare(_ gradient: Double, _ moved: (Double) -> (ReferenceNetwork, [ReferenceNetwork.Patch])) {
      /// The slope between a step up and one down; nil where a kink lies between.
      func slope(_ step: Double) -> Double? {
        let ends = [step, -step].map { step in
          let (network, batch) = moved(step)
          return network.trace(batch, loss: double)
        }
        guard ends.allSatisfy({ $0.gates == gates }) else { return nil }
        return (ends[0].loss - ends[1].loss) / (2 * step)
      }
      count += 1
      guard let near = slope(2e-6), let far = slope(4e-6) else { return }
      // Truncation grows with the square of the step, so that the slopes differ by three times what the near one is off;
      // cancellation: some units of the loss over the step.
      #expect(abs(near - gradient) <= abs(far - near) + 1e-9 * max(10, abs(value)))
      checked += 1
    }
    for (i, gradient) in reference.evaluate(batch, weight: 1, loss: double).gradient.enumerated() {
      compare(gradient) { step in
        var moved = reference
        moved.values[i] += step
        return (moved, batch)
      }
    }
    for (i, gradient) in reference.inputGradient(batch[0], weight: 1, loss: double).enumerated() {
      compare(gradient) { step in
        var moved = batch
        moved[0].input[i] += step
        return (reference, moved)
      }
    }
    #expect(count == shape.parameterCount + 36)
    #expect(Double(checked) >= 0.95 * Double(count))
  }

  static func inDouble(_ loss: Loss, _ error: Double, _ meanSquare: Double) -> (Double, Double) {
    switch loss {
    case .squared: return (error * error / 2, error)
    case .charbonnier(let width):
      let root = (error * error + Double(width) * Double(width)).squareRoot()
      return (root - Double(width), error / root)
    case .logarithmic(let floor):
      return (log(meanSquare + Double(floor)) / 2, error / (meanSquare + Double(floor)))
    }
  }

  /// The gradient by the logarithmic loss, whose derivative is the squared loss' over the patch's mean square: to the bound of
  /// that loss, for patches with errors that differ a hundredfold.
  @Test func logarithmicLossIsOfWholePatches() {
    let shape = NetworkShape(depth: 3, width: 4)
    var batch = patches(3, side: 9)
    for i in batch[1].truth.indices {
      let difference = batch[1].truth[i] - batch[1].input[i]
      batch[1].truth[i] = Double(Float(batch[1].input[i] + 0.01 * difference))
    }
    let (parameters, floor) = (Self.network(shape), 0.001)
    let engine = GradientEngine(shape: shape, side: 9, batch: 3, threads: 2, instructionSet: .best)
    let losses = engine.evaluate(
      parameters, batch: 3, loss: .logarithmic(floor: Float(floor)), weight: 1, fill: fill(batch))
    let reference = ReferenceNetwork(shape: shape, values: parameters.values.map { Double($0) })
    let loss: ReferenceNetwork.PixelLoss = { Self.inDouble(.logarithmic(floor: Float(floor)), $0, $1) }
    for (patch, value) in zip(batch, losses) {
      let exact = reference.evaluate([patch], weight: 1, loss: loss).loss
      #expect(abs(value - exact) <= 1e-4 * abs(exact))
    }
    let exact = reference.evaluate(batch, weight: 1, loss: loss).gradient
    let size = exact.reduce(0) { max($0, abs($1)) }
    for i in exact.indices { #expect(abs(Double(engine.gradient[i]) - exact[i]) <= 1e-4 * size) }
  }

  @Test func lossesAgreeWithTheirDefinition() {
    for loss in [Loss.squared, .charbonnier(width: 0.01)] {
      for error in stride(from: -1.0, through: 1, by: 0.01) {
        let (value, derivative) = loss.ofPixel(Float(error))
        let (exactValue, exactDerivative) = Self.inDouble(loss, Double(Float(error)), 0)
        // A difference of two roots below 1.1 rounds by half a unit of 1, twice.
        #expect(abs(Double(value) - exactValue) <= 4 * Self.unit)
        #expect(abs(Double(derivative) - exactDerivative) <= 4 * Self.unit)
      }
    }
  }

  @Test func sameBitsForEveryNumberOfThreads() {
    expectSameBits([1, 2, 3, 16].map { (largest: 19, threads: $0) }, patches: 19)
  }

  /// However many patches of a group go through the network together: as many as the largest batch of the engine suggests.
  @Test func sameBitsForEveryNumberOfPatchesAtOnce() {
    let batches = [16, 17, 64]
    #expect(batches.map(GradientEngine.patchesAtOnce) == [1, 2, 2])
    expectSameBits(batches.map { (largest: $0, threads: 2) }, patches: 40)
  }

  /// Losses and gradients of a batch by engines for batches and threads of up to so many.
  private func expectSameBits(_ engines: [(largest: Int, threads: Int)], patches count: Int) {
    let shape = NetworkShape(depth: 5, width: 16)
    let batch = patches(count, side: 12)
    let parameters = Self.network(shape)
    let results = engines.map { largest, threads in
      let engine = GradientEngine(
        shape: shape, side: 12, batch: largest, threads: threads, instructionSet: .best)
      let losses = engine.evaluate(
        parameters, batch: count, loss: .charbonnier(width: 0.01), weight: 1, fill: fill(batch))
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
