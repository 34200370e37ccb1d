import TestSupport
import Testing

@testable import Convolution

@Suite struct WinogradGradientTests {
  static let combinations = WinogradTests.combinations

  static func cases(_ tile: WinogradTile) -> [ConvolutionCase] {
    let sizes = (1...9).map { $0 * tile.outputs }
    return SharedData.runsFullTests
      ? ConvolutionCase.drawn(
        400, sizes: sizes, channels: WinogradTests.channels, multiplyAdds: 40_000_000, seed: 13)
      : ConvolutionCase.drawn(
        24, sizes: sizes, channels: WinogradTests.channels, multiplyAdds: 2_000_000, seed: 13)
  }

  @Test(arguments: combinations)
  func floatsStayWithinTheirRounding(_ set: InstructionSet, _ tile: WinogradTile) {
    for one in Self.cases(tile) {
      let sample = GradientSample(one) { $0.floats($1) }
      let found = sample.gradient(tile, set)
      #expect(sample.isWithinRounding(found.weights, tile), "\(one)")
    }
  }

  /// The sums of integers below 2^24 are exact in any order.
  @Test(arguments: combinations)
  func biasGradientOfIntegersIsExact(_ set: InstructionSet, _ tile: WinogradTile) {
    for one in Self.cases(tile) {
      let sample = GradientSample(one) { $0.integers($1) }
      #expect(sample.gradient(tile, set).bias == sample.expected.bias.floats, "\(one)")
    }
  }

  /// The gradient of a layer of VDSR: the errors that the documentation states.
  @Test(arguments: combinations)
  func errorsAreAsStated(_ set: InstructionSet, _ tile: WinogradTile) {
    let one = ConvolutionCase(
      width: 24, height: 24, inputChannels: 64, outputChannels: 64, hasBias: false, relu: false, edge: .end)
    let sample = GradientSample(one, rectified: true) { $0.floats($1) }
    let found = sample.gradient(tile, set)
    let largest = sample.expected.weights.reduce(0) { max($0, abs($1)) }
    let bound = (tile == .f4 ? 1e-6 : 6e-6) * largest
    // Not the largest error, which would pass over what is no number.
    #expect(
      zip(found.weights, sample.expected.weights).allSatisfy { abs(Double($0) - $1) <= bound })
  }

  /// Blocks of any size, and a picture in calls of whole rows of tiles.
  @Test(arguments: combinations)
  func everyDivisionGivesTheSameBits(_ set: InstructionSet, _ tile: WinogradTile) {
    let m = tile.outputs
    let one = ConvolutionCase(
      width: 7 * m, height: 3 * m, inputChannels: 31, outputChannels: 65, hasBias: true, relu: false,
      edge: .end)
    let sample = GradientSample(one) { $0.floats($1) }
    let whole = sample.gradient(tile, set)
    let layout = PackedLayout(inputChannels: 31, outputChannels: 65, instructionSet: set)
    let source = Activations(sample.input, width: one.width, height: one.height, channels: 31)
    let slopes = Activations(sample.slopes, width: one.width, height: one.height, channels: 65)
    let slopeRows = slopes.outputs.map { UnsafePointer($0) }
    for (rows, tilesAtOnce) in [(3, 1), (1, 5), (2, 13), (1, 100)] {
      let packed = PackedWinogradGradient(layout, tile: tile, tilesAtOnce: tilesAtOnce)
      // The first call forgets what was there.
      for i in 0..<packed.count { packed.weights[i] = .nan }
      let scratch = FloatBuffer(count: packed.scratchCount)
      withExtendedLifetime((source, slopes, scratch)) {
        for y in stride(from: 0, to: one.height, by: rows * m) {
          Kernels(for: set).accumulateWinogradWeightGradient(
            inputs: Array(source.inputs[y...]), outputGradients: Array(slopeRows[y...]),
            rows: min(rows * m, one.height - y), width: one.width, into: packed, adding: y > 0,
            scratch: scratch.pointer)
        }
      }
      let found = packed.unpacked
      #expect(found.weights == whole.weights)
      #expect(found.bias == whole.bias)
    }
  }
}
