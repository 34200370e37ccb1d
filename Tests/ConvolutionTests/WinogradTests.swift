import Microkernel
import TestSupport
import Testing

@testable import Convolution

@Suite struct WinogradTests {
  static let channels = [2, 3, 12, 15, 16, 17, 31, 32, 48, 64, 65]
  static let combinations = InstructionSet.supported.flatMap { set in
    WinogradTile.allCases.map { (set, $0) }
  }

  static func cases(_ tile: WinogradTile) -> [ConvolutionCase] {
    let sizes = (1...9).map { $0 * tile.outputs }
    return SharedData.runsFullTests
      ? ConvolutionCase.drawn(600, sizes: sizes, channels: channels, multiplyAdds: 60_000_000, seed: 3)
      : ConvolutionCase.drawn(30, sizes: sizes, channels: channels, multiplyAdds: 2_000_000, seed: 3)
  }

  @Test(arguments: combinations)
  func floatsStayWithinTheirRounding(_ set: InstructionSet, _ tile: WinogradTile) {
    for one in Self.cases(tile) {
      let sample = one.sample { $0.floats($1) }
      let result = one.convolve(sample, tile, set)
      #expect(one.isWithinRounding(result.values, of: sample, tile), "\(one)")
      #expect(result.paddingIsZero && result.borderIsUntouched, "\(one)")
    }
  }

  /// With He-normal weights of 64 channels, as at the start of VDSR's training: the errors that the documentation states.
  @Test(arguments: combinations)
  func errorsAreAsStated(_ set: InstructionSet, _ tile: WinogradTile) {
    let size = 4 * tile.outputs
    var generator = SplitMix64(seed: 6)
    let weights = generator.heNormal(inputChannels: 64, outputChannels: 64)
    let one = ConvolutionCase(
      width: size, height: size, inputChannels: 64, outputChannels: 64, hasBias: false, relu: false,
      edge: .end)
    let input = generator.floats(size * size * 64).map { max($0, 0) }
    let expected = ReferenceConvolution.forward(
      input, width: size, height: size, weights: weights, inputChannels: 64, outputChannels: 64)
    let result = one.convolve(
      .init(input: input, weights: weights, bias: nil, expected: expected), tile, set)
    let errors = zip(result.values, expected).map { abs(Double($0) - $1) }
    let largest = expected.reduce(0) { max($0, abs($1)) }
    let mean = errors.reduce(0, +) / Double(errors.count)
    let meanOutput = expected.reduce(0) { $0 + abs($1) } / Double(expected.count)
    #expect((errors.max() ?? .nan) <= (tile == .f4 ? 2e-6 : 8e-6) * largest)
    #expect(mean <= (tile == .f4 ? 7e-7 : 2.1e-6) * meanOutput)
  }

  /// With 65 output channels in several panels, with 30, as many as inputs when padded, in one where a panel is wide enough:
  /// products in place of their inputs.
  @Test(arguments: combinations.flatMap { [($0.0, $0.1, 65), ($0.0, $0.1, 30)] })
  func everyDivisionAlongTheGridGivesTheSameBits(
    _ set: InstructionSet, _ tile: WinogradTile, _ outputs: Int
  ) {
    let m = tile.outputs
    let one = ConvolutionCase(
      width: 7 * m, height: 3 * m, inputChannels: 31, outputChannels: outputs, hasBias: true, relu: true,
      edge: .end)
    let sample = one.sample { $0.floats($1) }
    let whole = one.convolve(sample, tile, set).values
    var weights = WinogradWeights(
      sample.weights.floats, bias: sample.bias?.floats, inputChannels: 31, outputChannels: outputs,
      tile: tile,
      instructionSet: set)
    let source = Activations(sample.input, width: one.width, height: one.height, channels: 31)
    for (rows, columns, tilesAtOnce) in [(1, 7, 24), (3, 1, 5), (2, 3, 1), (3, 7, 13), (3, 7, 100)] {
      weights.tilesAtOnce = tilesAtOnce
      let target = Activations(width: one.width, height: one.height, channels: outputs)
      let scratch = FloatBuffer(count: weights.scratchCount)
      for y in stride(from: 0, to: one.height, by: rows * m) {
        for x in stride(from: 0, to: one.width, by: columns * m) {
          Kernels(for: set).convolveTiles(
            source.inputs[y...].map { $0 + x * source.stride },
            into: target.outputs[y...].map { $0 + x * target.stride },
            rows: min(rows * m, one.height - y), width: min(columns * m, one.width - x), weights: weights,
            relu: true, scratch: scratch.pointer)
        }
      }
      #expect(target.values == whole)
    }
  }

  /// The data gradient of a layer: transposed and turned weights, and the gate of the ReLU before it.
  @Test(arguments: combinations)
  func dataGradientAgreesWithTheReference(_ set: InstructionSet, _ tile: WinogradTile) {
    let (width, height) = (4 * tile.outputs, 2 * tile.outputs)
    var generator = SplitMix64(seed: 7)
    let slopes = generator.floats(width * height * 31)
    let weights = generator.floats(9 * 48 * 31)
    let activations = generator.floats(width * height * 48)
    let expected = ReferenceConvolution.dataGradient(
      slopes, width: width, height: height, weights: weights, inputChannels: 48, outputChannels: 31)
    let packed = WinogradWeights.transposedFlipped(
      weights.floats, inputChannels: 48, outputChannels: 31, tile: tile, instructionSet: set)
    let source = Activations(slopes, width: width, height: height, channels: 31)
    let gates = Activations(activations, width: width, height: height, channels: 48)
    let target = Activations(width: width, height: height, channels: 48)
    let scratch = FloatBuffer(count: packed.scratchCount)
    let largest = expected.reduce(0) { max($0, abs($1)) }
    for relu in [false, true] {
      withExtendedLifetime((source, gates, scratch)) {
        Kernels(for: set).convolveTiles(
          source.inputs, into: target.outputs, rows: height, width: width, weights: packed, relu: relu,
          gates: gates.outputs.map { UnsafePointer($0) }, scratch: scratch.pointer)
      }
      let agrees = zip(target.values, zip(expected, activations)).allSatisfy { value, exact in
        let sum = relu ? max(exact.0, 0) : exact.0
        return exact.1 > 0 ? abs(Double(value) - sum) <= 2e-5 * largest : value == 0
      }
      #expect(agrees, "\(relu ? "with" : "without") a ReLU of its own")
    }
  }

  /// Products that take the place of their inputs, or do not although there are as many: with register tiles that reach beyond
  /// the block, and with panels of two widths.
  @Test(arguments: combinations.flatMap { [($0.0, $0.1, 16), ($0.0, $0.1, 65)] })
  func blocksOfAsManyOutputsAsInputsGiveTheSameBits(
    _ set: InstructionSet, _ tile: WinogradTile, _ channels: Int
  ) {
    let one = ConvolutionCase(
      width: 5 * tile.outputs, height: 2 * tile.outputs, inputChannels: channels, outputChannels: channels,
      hasBias: true, relu: false, edge: .end)
    let sample = one.sample { $0.floats($1) }
    let whole = one.convolve(sample, tile, set)
    #expect(one.isWithinRounding(whole.values, of: sample, tile))
    for tilesAtOnce in [1, 5, 7] {
      let result = one.convolve(sample, tile, set, tilesAtOnce: tilesAtOnce)
      #expect(result.values == whole.values, "\(tilesAtOnce) at once")
    }
  }
}
