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
}

/// Seeded numbers (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Integers in -32...32: with at most 9 x 64 products of them, every sum is exact in a float, in any order.
  mutating func integers(_ count: Int) -> [Double] {
    (0..<count).map { _ in Double(Int.random(in: -32...32, using: &self)) }
  }
}
