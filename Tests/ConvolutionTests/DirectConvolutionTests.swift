import Microkernel
import TestSupport
import Testing

@testable import Convolution

@Suite struct DirectConvolutionTests {
  static let sizes = Array(1...17) + [31, 32, 33, 63, 64, 65]
  static let channels = [1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65]
  static let cases =
    [1, 3, 16, 17, 48, 64, 65].flatMap { inputs in
      [1, 2, 12, 17, 31, 48, 64, 65].map { outputs in
        ConvolutionCase(
          width: 13, height: 2, inputChannels: inputs, outputChannels: outputs, hasBias: true, relu: false,
          edge: .end)
      }
    }
    + (SharedData.runsFullTests
      ? ConvolutionCase.drawn(2_000, sizes: sizes, channels: channels, multiplyAdds: 160_000_000, seed: 1)
      : ConvolutionCase.drawn(120, sizes: sizes, channels: channels, multiplyAdds: 3_000_000, seed: 1))

  /// Sums of up to 65 x 9 products of integers up to 32 stay below 2^24, so every order of summation is exact.
  @Test(arguments: InstructionSet.supported)
  func integersGiveTheReferenceExactly(_ set: InstructionSet) {
    for one in Self.cases {
      let sample = one.sample { $0.integers($1) }
      let result = one.convolve(sample, set)
      #expect(result.values == sample.expected.floats, "\(one)")
      #expect(result.paddingIsZero && result.borderIsUntouched, "\(one)")
      if !one.relu {
        #expect(2 * result.values.count { $0 == 0 } <= result.values.count, "a test of zeros says nothing")
      }
    }
  }

  @Test(arguments: InstructionSet.supported)
  func floatsStayWithinTheirRounding(_ set: InstructionSet) {
    let count = SharedData.runsFullTests ? 500 : 40
    for one in ConvolutionCase.drawn(
      count, sizes: Self.sizes, channels: Self.channels, multiplyAdds: 3_000_000, seed: 2)
    {
      let sample = one.sample { $0.floats($1) }
      let result = one.convolve(sample, set)
      #expect(one.isWithinRounding(result.values, of: sample), "\(one)")
    }
  }

  @Test(arguments: InstructionSet.supported)
  func everyDivisionIntoCallsGivesTheSameBits(_ set: InstructionSet) {
    let one = ConvolutionCase(
      width: 29, height: 7, inputChannels: 48, outputChannels: 65, hasBias: true, relu: true, edge: .end)
    let sample = one.sample { $0.floats($1) }
    let whole = one.convolve(sample, set).values
    let kernels = Kernels(for: set)
    let weights = PackedWeights(
      sample.weights.floats, bias: sample.bias?.floats, inputChannels: 48, outputChannels: 65,
      instructionSet: set)
    let source = Activations(sample.input, width: 29, height: 7, channels: 48)
    for (rows, columns) in [(1, 29), (3, 1), (2, 5), (7, 16)] {
      let target = Activations(width: 29, height: 7, channels: 65)
      for y in stride(from: 0, to: 7, by: rows) {
        for x in stride(from: 0, to: 29, by: columns) {
          kernels.convolveRows(
            source.inputs[y...].map { $0 + x * source.stride },
            into: target.outputs[y...].map { $0 + x * target.stride },
            rows: min(rows, 7 - y), width: min(columns, 29 - x), weights: weights, relu: true)
        }
      }
      #expect(target.values == whole)
    }
  }

  @Test(arguments: InstructionSet.supported, [(64, 1), (17, 48)])
  func addendsAndGatesAreFused(_ set: InstructionSet, _ channels: (input: Int, output: Int)) {
    let one = ConvolutionCase(
      width: 19, height: 3, inputChannels: channels.input, outputChannels: channels.output, hasBias: true,
      relu: false, edge: .end)
    let sample = one.sample { $0.integers($1) }
    var generator = SplitMix64(seed: 5)
    let addends = generator.integers(sample.expected.count)
    var gates = generator.integers(sample.expected.count)
    gates[0] = -0.0
    gates[1] = Double(Float.leastNonzeroMagnitude)
    gates[2] = 0
    let (source, adding, gating) = (
      Activations(sample.input, width: 19, height: 3, channels: channels.input),
      Activations(addends, width: 19, height: 3, channels: channels.output),
      Activations(gates, width: 19, height: 3, channels: channels.output)
    )
    let target = Activations(width: 19, height: 3, channels: channels.output)
    withExtendedLifetime((source, adding, gating)) {
      Kernels(for: set).convolveRows(
        source.inputs, into: target.outputs, rows: 3, width: 19,
        weights: PackedWeights(
          sample.weights.floats, bias: sample.bias?.floats, inputChannels: channels.input,
          outputChannels: channels.output, instructionSet: set),
        relu: true, gates: gating.outputs.map { UnsafePointer($0) },
        adding: adding.outputs.map { UnsafePointer($0) })
    }
    let expected = sample.expected.indices.map { i -> Float in
      gates[i] > 0 ? Float(max(sample.expected[i] + addends[i], 0)) : 0
    }
    #expect(target.values == expected)
  }

  /// An overflow within a network must show at its end, and what is no number is neither above nor below zero.
  @Test(arguments: InstructionSet.supported, [(1, 1), (16, 1), (16, 17)])
  func aRectifierKeepsWhatIsNoNumber(_ set: InstructionSet, _ channels: (input: Int, output: Int)) {
    let one = ConvolutionCase(
      width: 9, height: 1, inputChannels: channels.input, outputChannels: channels.output, hasBias: false,
      relu: true, edge: .end)
    var sample = one.sample { $0.floats($1) }
    sample.input[0] = .nan
    // The first two pixels see the first.
    let values = one.convolve(sample, set).values
    #expect(values.indices.allSatisfy { values[$0].isNaN == ($0 < 2 * channels.output) })
  }
}
