import Testing

@testable import Convolution

@Suite struct GradientTests {
  static let channelPairs = [(1, 64), (64, 64), (64, 1), (1, 1), (3, 12), (48, 17), (32, 32)]

  @Test(arguments: InstructionSet.supported, channelPairs)
  func weightGradientOfIntegersIsExact(_ set: InstructionSet, _ channels: (input: Int, output: Int)) {
    let (width, height) = (13, 7)
    var generator = SplitMix64(seed: 2)
    let input = generator.integers(width * height * channels.input)
    let slopes = generator.integers(width * height * channels.output)
    let expected = ReferenceConvolution.weightGradient(
      input: input, outputGradient: slopes, width: width, height: height,
      inputChannels: channels.input, outputChannels: channels.output)
    let source = Activations(input, width: width, height: height, channels: channels.input)
    let target = Activations(slopes, width: width, height: height, channels: channels.output)
    let gradient = PackedGradient(
      PackedLayout(inputChannels: channels.input, outputChannels: channels.output, instructionSet: set))
    // In two calls: they must add.
    let kernels = Kernels(for: set)
    let slopeRows = target.outputs.map { UnsafePointer($0) }
    kernels.accumulateWeightGradient(
      inputs: source.inputs, outputGradients: slopeRows, rows: 3, width: width, into: gradient)
    kernels.accumulateWeightGradient(
      inputs: Array(source.inputs[3...]), outputGradients: Array(slopeRows[3...]), rows: height - 3,
      width: width,
      into: gradient)
    var weights = [Float](repeating: .nan, count: expected.weights.count)
    var bias = [Float](repeating: .nan, count: expected.bias.count)
    gradient.unpack(weights: &weights, bias: &bias)
    #expect(weights == expected.weights.map { Float($0) })
    #expect(bias == expected.bias.map { Float($0) })
  }

  @Test(arguments: InstructionSet.supported, channelPairs)
  func dataGradientOfIntegersIsExact(_ set: InstructionSet, _ channels: (input: Int, output: Int)) {
    let (width, height) = (13, 7)
    var generator = SplitMix64(seed: 3)
    let slopes = generator.integers(width * height * channels.output)
    let weights = generator.integers(9 * channels.input * channels.output)
    let activations = generator.integers(width * height * channels.input)
    let expected = ReferenceConvolution.dataGradient(
      slopes, width: width, height: height, weights: weights,
      inputChannels: channels.input, outputChannels: channels.output)
    let source = Activations(slopes, width: width, height: height, channels: channels.output)
    let target = Activations(width: width, height: height, channels: channels.input)
    let gates = Activations(activations, width: width, height: height, channels: channels.input)
    let packed = PackedWeights.transposedFlipped(
      weights.map { Float($0) }, inputChannels: channels.input, outputChannels: channels.output,
      instructionSet: set)
    Kernels(for: set).convolveRows(
      source.inputs, into: target.outputs, rows: height, width: width, weights: packed,
      gates: gates.outputs.map { UnsafePointer($0) })
    // The gate is the gradient of the ReLU that made the activations.
    #expect(target.values == zip(expected, activations).map { $1 > 0 ? Float($0) : 0 })
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
}
