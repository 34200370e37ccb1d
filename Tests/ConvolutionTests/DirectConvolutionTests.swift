import Testing

@testable import Convolution

@Suite struct DirectConvolutionTests {
  @Test(arguments: InstructionSet.supported, [(1, 64), (64, 64), (64, 1), (1, 1), (3, 12), (48, 17)])
  func integersGiveTheReferenceExactly(_ set: InstructionSet, _ channels: (input: Int, output: Int)) {
    let (width, height) = (23, 5)
    var generator = SplitMix64(seed: 1)
    let input = generator.integers(width * height * channels.input)
    let weights = generator.integers(9 * channels.input * channels.output)
    let bias = generator.integers(channels.output)
    let expected = ReferenceConvolution.forward(
      input, width: width, height: height, weights: weights, bias: bias,
      inputChannels: channels.input, outputChannels: channels.output)
    let packed = PackedWeights(
      weights.map { Float($0) }, bias: bias.map { Float($0) },
      inputChannels: channels.input, outputChannels: channels.output, instructionSet: set)
    let source = Activations(input, width: width, height: height, channels: channels.input)
    let target = Activations(width: width, height: height, channels: channels.output)
    Kernels(for: set).convolveRows(
      source.inputs, into: target.outputs, rows: height, width: width, weights: packed)
    #expect(target.values == expected.map { Float($0) })
  }

  @Test(arguments: InstructionSet.supported)
  func layersWithoutBiasAddNothing(_ set: InstructionSet) {
    let zeros = [Float](repeating: 0, count: 9 * 64 * 64)
    let direct = PackedWeights(zeros, inputChannels: 64, outputChannels: 64, instructionSet: set)
    let winograd = WinogradWeights(
      zeros, inputChannels: 64, outputChannels: 64, tile: .f4, instructionSet: set)
    withExtendedLifetime((direct, winograd)) {
      #expect((0..<64).allSatisfy { direct.bias[$0] == 0 && winograd.bias[$0] == 0 })
    }
  }
}
