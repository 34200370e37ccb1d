import Microkernel
import TestSupport
import Testing

@testable import Convolution

@Suite struct GradientTests {
  static let channels = [1, 2, 3, 12, 16, 17, 32, 48, 64, 65]
  static let cases =
    [(1, 64), (64, 64), (64, 1), (1, 1), (3, 12), (48, 17), (32, 32), (16, 48)].map { inputs, outputs in
      ConvolutionCase(
        width: 13, height: 7, inputChannels: inputs, outputChannels: outputs, hasBias: true, relu: false,
        edge: .end)
    }
    + ConvolutionCase.drawn(
      SharedData.runsFullTests ? 500 : 40, sizes: Array(1...17) + [31, 32, 33, 65], channels: channels,
      multiplyAdds: SharedData.runsFullTests ? 40_000_000 : 3_000_000, seed: 14)

  @Test(arguments: InstructionSet.supported)
  func weightGradientOfIntegersIsExact(_ set: InstructionSet) {
    for one in Self.cases {
      var generator = SplitMix64(seed: 2)
      let input = generator.integers(one.width * one.height * one.inputChannels)
      let slopes = generator.integers(one.width * one.height * one.outputChannels)
      let expected = ReferenceConvolution.weightGradient(
        input: input, outputGradient: slopes, width: one.width, height: one.height,
        inputChannels: one.inputChannels, outputChannels: one.outputChannels)
      let gradient = one.weightGradient(input, slopes, set)
      var weights = [Float](repeating: .nan, count: expected.weights.count)
      var bias = [Float](repeating: .nan, count: expected.bias.count)
      gradient.unpack(weights: &weights, bias: &bias)
      #expect(weights == expected.weights.floats, "\(one)")
      #expect(bias == expected.bias.floats, "\(one)")
    }
  }

  @Test(arguments: InstructionSet.supported)
  func dataGradientOfIntegersIsExact(_ set: InstructionSet) {
    for one in Self.cases {
      var generator = SplitMix64(seed: 3)
      let slopes = generator.integers(one.width * one.height * one.outputChannels)
      let weights = generator.integers(9 * one.inputChannels * one.outputChannels)
      let activations = generator.integers(one.width * one.height * one.inputChannels)
      let expected = ReferenceConvolution.dataGradient(
        slopes, width: one.width, height: one.height, weights: weights, inputChannels: one.inputChannels,
        outputChannels: one.outputChannels)
      let target = one.dataGradient(slopes, weights, gates: activations, set)
      // The gate is the gradient of the ReLU that made the activations.
      #expect(
        target.values == zip(expected, activations).map { $1 > 0 ? Float($0) : 0 },
        "\(one)")
      #expect(target.paddingIsZero && target.borderIsUntouched, "\(one)")
    }
  }

  /// The gradients of the reference itself, against central differences. The loss is linear in each parameter, so the
  /// differences have no truncation error; what is left is the rounding of two sums of about 1,000 terms below 1,
  /// 1e-13, over a step of 1.
  @Test func referenceGradientsAgreeWithFiniteDifferences() {
    let (width, height, inputs, outputs) = (5, 4, 3, 2)
    var generator = SplitMix64(seed: 4)
    let input = generator.floats(width * height * inputs)
    let weights = generator.floats(9 * inputs * outputs)
    let bias = generator.floats(outputs)
    let slopes = generator.floats(width * height * outputs)
    func loss(_ input: [Double], _ weights: [Double], _ bias: [Double]) -> Double {
      let output = ReferenceConvolution.forward(
        input, width: width, height: height, weights: weights, bias: bias,
        inputChannels: inputs, outputChannels: outputs)
      return zip(output, slopes).reduce(0) { $0 + $1.0 * $1.1 }
    }
    func differences(_ values: [Double], _ loss: ([Double]) -> Double) -> [Double] {
      values.indices.map { i in
        var (up, down) = (values, values)
        up[i] += 0.5
        down[i] -= 0.5
        return loss(up) - loss(down)
      }
    }
    let data = ReferenceConvolution.dataGradient(
      slopes, width: width, height: height, weights: weights, inputChannels: inputs, outputChannels: outputs)
    let parameters = ReferenceConvolution.weightGradient(
      input: input, outputGradient: slopes, width: width, height: height,
      inputChannels: inputs, outputChannels: outputs)
    for (analytic, numeric) in [
      (data, differences(input) { loss($0, weights, bias) }),
      (parameters.weights, differences(weights) { loss(input, $0, bias) }),
      (parameters.bias, differences(bias) { loss(input, weights, $0) }),
    ] {
      #expect(zip(analytic, numeric).allSatisfy { abs($0 - $1) <= 1e-12 })
    }
  }

  @Test func aResetGradientIsZero() {
    let gradient = PackedGradient(
      PackedLayout(inputChannels: 3, outputChannels: 17, instructionSet: .baseline))
    for index in 0..<gradient.layout.count { gradient.floats[index] = .nan }
    gradient.reset()
    #expect((0..<gradient.layout.count).allSatisfy { gradient.floats[$0] == 0 })
  }
}
