import Convolution
import Pixels
import SuperResolution
import Testing

@testable import Training

@Suite struct GrowthTests {
  @Test(arguments: [(5, 8), (9, 8), (5, 13), (12, 24)])
  func computesTheSame(_ depth: Int, _ width: Int) throws {
    let small = NetworkShape(depth: 5, width: 8)
    let parameters = GradientEngineTests.network(small)
    var random = RandomSource(seed: 1)
    let large = try parameters.grown(to: NetworkShape(depth: depth, width: width), random: &random)
    let batch = patches(1, side: 14)
    func loss(_ parameters: Parameters) -> Double {
      ReferenceNetwork(shape: parameters.shape, values: parameters.values.map { Double($0) })
        .evaluate(batch, weight: 1).loss
    }
    // The same sums in double precision, with zeros among them.
    #expect(abs(loss(large) - loss(parameters)) <= 1e-12 * loss(parameters))
    if width > 8 {
      // The new channels are neither dead nor alike: training can use them.
      let layer = large.shape.layers[1]
      let rows = (8..<width).map { row in
        Array(large.values[layer.weights][(layer.weights.lowerBound + row * layer.inputs * 9)...].prefix(72))
      }
      #expect(Set(rows).count == rows.count)
    }
  }

  @Test func refusesToShrink() {
    var random = RandomSource(seed: 1)
    let parameters = GradientEngineTests.network(NetworkShape(depth: 5, width: 8))
    #expect(throws: TrainingError.self) {
      try parameters.grown(to: NetworkShape(depth: 4, width: 8), random: &random)
    }
    #expect(throws: TrainingError.self) {
      try parameters.grown(to: NetworkShape(depth: 5, width: 7), random: &random)
    }
  }

  @Test func comesBackFromAModelFile() throws {
    let parameters = GradientEngineTests.network(NetworkShape(depth: 4, width: 6))
    let model = try parameters.model(name: "m", metadata: [Model.Key.recipe: "a test"])
    #expect(model.metadata[Model.Key.recipe] == "a test")
    let read = try Model(bytes: model.serialized(), name: "m")
    #expect(try Parameters(read) == parameters)
  }

  /// Pictures are learned from as luma of 16...235.
  @Test func aModelOfAnotherColorConventionIsNotTrained() throws {
    let parameters = GradientEngineTests.network(NetworkShape(depth: 3, width: 4))
    let full = try parameters.model(name: "m", metadata: [Model.Key.color: "bt601-full/255"])
    #expect {
      try Parameters(full)
    } throws: { error in
      guard case .notTrainable("m", let reason)? = error as? TrainingError else { return false }
      return reason.contains("bt601-full/255")
    }
  }

  /// Nor one that is no chain of rectified layers whose output is added to its input.
  @Test func aModelOfAnotherFormIsNotTrained() throws {
    let layers = try GradientEngineTests.network(NetworkShape(depth: 3, width: 4)).model(
      name: "m", metadata: [:]
    ).layers
    #expect(throws: Never.self) { try Parameters(Model(name: "m", layers: layers)) }
    for residual in [Model.Residual.subtract, .none] {
      let model = try Model(name: "m", layers: layers, residual: residual)
      #expect(throws: TrainingError.notTrainable("m", "its output is not added to its input")) {
        try Parameters(model)
      }
    }
    var linear = layers
    linear[1] = Model.Layer(
      inputChannels: 4, outputChannels: 4, weights: layers[1].weights, bias: layers[1].bias, relu: false)
    let model = try Model(name: "m", layers: linear)
    #expect(throws: TrainingError.notTrainable("m", "layer 1 has no rectifier")) { try Parameters(model) }
  }

  /// The identity initialization begins as interpolation, nearly.
  @Test(arguments: [1, 2, 20]) func identityBeginsNearInterpolation(depth: Int) {
    var random = RandomSource(seed: 3)
    let parameters = Parameters(
      shape: NetworkShape(depth: depth, width: 16), initialization: .identity, random: &random)
    let engine = GradientEngine(
      shape: parameters.shape, side: 16, batch: 1, threads: 1, instructionSet: .best)
    var batch = patches(1, side: 16)
    batch[0].truth = batch[0].input
    let loss = engine.evaluate(
      parameters, batch: 1, loss: .squared, weight: 2 / 256, fill: fill(batch))[0]
    #expect(loss.squareRoot() < 0.02, "\(loss.squareRoot())")
    #expect(engine.gradient.contains { abs($0) > 1e-6 })
  }
}
