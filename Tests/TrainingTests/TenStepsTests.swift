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
///
/// Layers of 16 channels run by Winograd's algorithm, whose bound is a probable one: the sum of its worst cases is far beyond any
/// error that can be seen. `ReferenceNetwork.bounds` derives both.
@Suite struct TenStepsTests {
  /// What is trained.
  struct Case: Sendable, CustomTestStringConvertible {
    let shape: NetworkShape
    let side: Int
    let patches: Int
    var testDescription: String { "\(shape.channels), patches of \(side)" }

    static let direct = Case(shape: NetworkShape(depth: 4, width: 6), side: 10, patches: 4)
    /// Whole tiles, and a patch that tiles do not fill.
    static let all =
      [direct] + [12, 13].map { Case(shape: NetworkShape(depth: 3, width: 16), side: $0, patches: 2) }

    var batch: [ReferenceNetwork.Patch] {
      TrainingTests.patches(patches, side: side).map { patch in
        var patch = patch
        patch.truth = patch.truth.map { Double(Float(1.2 - $0)) }
        return patch
      }
    }
    let rate = 0.1
    var weight: Double { 1.0 / Double(patches * side * side) }
  }

  /// The float run's losses, with an optional error planted in its gradient.
  func losses(
    _ work: Case, _ instructionSet: InstructionSet, plant: (inout [Float]) -> Void = { _ in }
  ) -> [Double] {
    let (shape, batch) = (work.shape, work.batch)
    var parameters = GradientEngineTests.network(shape)
    let engine = GradientEngine(
      shape: shape, side: work.side, batch: batch.count, threads: 2, instructionSet: instructionSet)
    var optimizer = Optimizer(shape: shape, method: .sgd(momentum: 0.5))
    return (0..<10).map { _ in
      let losses = engine.evaluate(
        parameters, batch: batch.count, loss: .squared, weight: Float(work.weight), fill: fill(batch))
      var gradient = engine.gradient
      plant(&gradient)
      optimizer.step(&parameters.values, gradient: &gradient, rate: Float(work.rate))
      return losses.reduce(0, +)
    }
  }

  /// The same in double precision, and the bound on the difference.
  func reference(_ work: Case) -> [(loss: Double, bound: Double)] {
    let (shape, batch, weight) = (work.shape, work.batch, Double(Float(work.weight)))
    var network = ReferenceNetwork(
      shape: shape, values: GradientEngineTests.network(shape).values.map { Double($0) })
    var velocity = [Double](repeating: 0, count: network.values.count)
    var difference = [Double](repeating: 0, count: network.values.count)
    return (0..<10).map { _ in
      let exact = network.evaluate(batch, weight: weight)
      let bound = network.bounds(batch, weight: weight, probable: shape.channels.contains { $0 >= 16 })
      let moved = zip(exact.gradient, difference).reduce(0) { $0 + abs($1.0) * $1.1 }
      for i in velocity.indices {
        velocity[i] = 0.5 * velocity[i] - work.rate * exact.gradient[i]
        network.values[i] += velocity[i]
        difference[i] += 2 * work.rate * bound.gradient[i] + 0x1p-23 * abs(network.values[i])
      }
      return (exact.loss, bound.loss + moved)
    }
  }

  @Test(arguments: Case.all)
  func lossesAreThoseOfDoublePrecision(_ work: Case) {
    let expected = reference(work)
    for instructionSet in InstructionSet.supported {
      let found = losses(work, instructionSet)
      for (loss, expected) in zip(found, expected) {
        #expect(abs(loss - expected.loss) <= expected.bound, "\(instructionSet)")
      }
      // It has learned, and the bound is no wider than a hundredth of what there was to learn.
      #expect(found[9] < 0.8 * found[0])
      #expect(expected[9].bound < 0.01 * (found[0] - found[9]))
    }
    // An error of a twentieth in one layer's gradient is found.
    let planted = losses(work, .best) { gradient in
      for i in work.shape.layers[1].weights { gradient[i] *= 1.05 }
    }
    #expect(zip(planted, expected).contains { abs($0 - $1.loss) > $1.bound })
  }
}
