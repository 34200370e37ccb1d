import Convolution
import Pixels
import Testing

@testable import Training

/// Ten steps of training against ten steps of an implementation in double precision that shares nothing with it.
///
/// A step of descent below the stability limit does not enlarge a difference of weights, so after t steps the weights
/// differ by at most the sum of what the steps' roundings add: rate x the gradient's bound, twice because of the momentum of 0.5,
/// and two roundings of the weight itself. The loss then differs by its own bound and by the gradient times that
/// difference.
@Suite struct TenStepsTests {
  let shape = NetworkShape(depth: 4, width: 6)
  let batch = patches(4, side: 10).map { patch in
    var patch = patch
    patch.truth = patch.truth.map { Double(Float(1.2 - $0)) }
    return patch
  }
  let rate = 0.1
  let weight = 1.0 / 400

  /// The float run's losses, with an optional error planted in its gradient.
  func losses(plant: (inout [Float]) -> Void = { _ in }) -> [Double] {
    var parameters = GradientEngineTests.network(shape)
    let engine = GradientEngine(shape: shape, side: 10, batch: 4, threads: 2, instructionSet: .best)
    var optimizer = Optimizer(shape: shape, method: .sgd(momentum: 0.5))
    return (0..<10).map { _ in
      let losses = engine.evaluate(
        parameters, batch: 4, loss: .squared, weight: Float(weight), fill: fill(batch))
      var gradient = engine.gradient
      plant(&gradient)
      optimizer.step(&parameters.values, gradient: &gradient, rate: Float(rate))
      return losses.reduce(0, +)
    }
  }

  /// The same in double precision, and the bound on the difference.
  func reference() -> [(loss: Double, bound: Double)] {
    var network = ReferenceNetwork(
      shape: shape, values: GradientEngineTests.network(shape).values.map { Double($0) })
    var velocity = [Double](repeating: 0, count: network.values.count)
    var difference = [Double](repeating: 0, count: network.values.count)
    return (0..<10).map { _ in
      let exact = network.evaluate(batch, weight: weight)
      let bound = network.bounds(batch, weight: weight)
      let moved = zip(exact.gradient, difference).reduce(0) { $0 + abs($1.0) * $1.1 }
      for i in velocity.indices {
        velocity[i] = 0.5 * velocity[i] - rate * exact.gradient[i]
        network.values[i] += velocity[i]
        difference[i] += 2 * rate * bound.gradient[i] + 0x1p-23 * abs(network.values[i])
      }
      return (exact.loss, bound.loss + moved)
    }
  }

  @Test func lossesAreThoseOfDoublePrecision() {
    let (found, expected) = (losses(), reference())
    for (loss, expected) in zip(found, expected) { #expect(abs(loss - expected.loss) <= expected.bound) }
    // It has learned, and the bound is no wider than a hundredth of what there was to learn.
    #expect(found[9] < 0.8 * found[0])
    #expect(expected[9].bound < 0.01 * (found[0] - found[9]))
  }

  @Test func anErrorInTheGradientIsFound() {
    let found = losses { gradient in
      for i in shape.layers[1].weights { gradient[i] *= 1.05 }
    }
    #expect(zip(found, reference()).contains { abs($0 - $1.loss) > $1.bound })
  }
}
