import Microkernel
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

  /// Input and slopes of a layer, and the exact gradient.
  struct Sample {
    let one: ConvolutionCase
    let input: [Double]
    let slopes: [Double]
    let expected: (weights: [Double], bias: [Double])

    init(_ one: ConvolutionCase, rectified: Bool = false, _ numbers: (inout SplitMix64, Int) -> [Double]) {
      var generator = SplitMix64(seed: UInt64(one.multiplyAdds))
      let pixels = one.width * one.height
      let values = numbers(&generator, pixels * one.inputChannels)
      self.one = one
      input = rectified ? values.map { max($0, 0) } : values
      slopes = numbers(&generator, pixels * one.outputChannels)
      expected = ReferenceConvolution.weightGradient(
        input: input, outputGradient: slopes, width: one.width, height: one.height,
        inputChannels: one.inputChannels, outputChannels: one.outputChannels)
    }
  }

  /// Every element within the rounding that its own operations can make: the sum of the magnitudes that pass through the
  /// transforms, times half an ulp for each rounding on the longest way (a transform 2 x 4, twice that without fused
  /// multiply-add, the sum one for each tile, the result 1). Gathering the taps rounds too, up to four times for each row of
  /// products; that is left out, the bound being met without it.
  @Test(arguments: combinations)
  func floatsStayWithinTheirRounding(_ set: InstructionSet, _ tile: WinogradTile) {
    let matrices = WinogradMatrices(tile)
    for one in Self.cases(tile) {
      let sample = Sample(one) { $0.floats($1) }
      let found = gradient(sample, tile, set)
      let tiles = one.width * one.height / (tile.outputs * tile.outputs)
      let roundings = Double(2 * tiles + 2 * 8 + 2 * 8 + 2)
      let magnitudes = matrices.gradientMagnitudes(
        sample.input, slopes: sample.slopes, width: one.width, height: one.height, inputs: one.inputChannels,
        outputs: one.outputChannels)
      let within = zip(zip(found.weights, sample.expected.weights), magnitudes).allSatisfy {
        abs(Double($0.0) - $0.1) <= $1 * roundings * 0x1p-24
      }
      #expect(within, "\(one.testDescription)")
    }
  }

  /// The sums of integers below 2^24 are exact in any order.
  @Test(arguments: combinations)
  func biasGradientOfIntegersIsExact(_ set: InstructionSet, _ tile: WinogradTile) {
    for one in Self.cases(tile) {
      let sample = Sample(one) { $0.integers($1) }
      #expect(gradient(sample, tile, set).bias == sample.expected.bias.floats, "\(one.testDescription)")
    }
  }

  /// The gradient of a layer of VDSR: the errors that the documentation states.
  @Test(arguments: combinations)
  func errorsAreAsStated(_ set: InstructionSet, _ tile: WinogradTile) {
    let one = ConvolutionCase(
      width: 24, height: 24, inputChannels: 64, outputChannels: 64, hasBias: false, relu: false, edge: .end)
    let sample = Sample(one, rectified: true) { $0.floats($1) }
    let found = gradient(sample, tile, set)
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
    let sample = Sample(one) { $0.floats($1) }
    let whole = gradient(sample, tile, set)
    let layout = PackedLayout(inputChannels: 31, outputChannels: 65, instructionSet: set)
    let source = Activations(sample.input, width: one.width, height: one.height, channels: 31)
    let slopes = Activations(sample.slopes, width: one.width, height: one.height, channels: 65)
    let slopeRows = slopes.outputs.map { UnsafePointer($0) }
    for (rows, tilesAtOnce) in [(3, 1), (1, 5), (2, 13), (1, 100)] {
      let packed = PackedWinogradGradient(layout, tile: tile, tilesAtOnce: tilesAtOnce)
      // A reset forgets what was there.
      for i in 0..<packed.count { packed.weights[i] = .nan }
      packed.reset()
      let scratch = FloatBuffer(count: packed.scratchCount)
      withExtendedLifetime((source, slopes, scratch)) {
        for y in stride(from: 0, to: one.height, by: rows * m) {
          Kernels(for: set).accumulateWinogradWeightGradient(
            inputs: Array(source.inputs[y...]), outputGradients: Array(slopeRows[y...]),
            rows: min(rows * m, one.height - y), width: one.width, into: packed, scratch: scratch.pointer)
        }
      }
      let found = unpacked(packed)
      #expect(found.weights == whole.weights)
      #expect(found.bias == whole.bias)
    }
  }

  /// With the gradient, the scratch and the pixels beside unreadable pages.
  private func gradient(_ sample: Sample, _ tile: WinogradTile, _ set: InstructionSet)
    -> (weights: [Float], bias: [Float])
  {
    let one = sample.one
    let packed = PackedWinogradGradient(
      PackedLayout(
        inputChannels: one.inputChannels, outputChannels: one.outputChannels, instructionSet: set), tile: tile
    )
    let guarded = GuardedBuffer(copying: packed.weights, count: packed.count, edge: one.edge)
    let scratch = GuardedBuffer(count: packed.scratchCount, edge: one.edge)
    let source = Activations(
      sample.input, width: one.width, height: one.height, channels: one.inputChannels, edge: one.edge)
    let slopes = Activations(
      sample.slopes, width: one.width, height: one.height, channels: one.outputChannels, edge: one.edge)
    let slopeRows = slopes.outputs.map { UnsafePointer($0) }
    let kernels = Kernels(for: set)
    withExtendedLifetime((guarded, scratch, source, slopes)) {
      source.inputs.withUnsafeBufferPointer { inputs in
        slopeRows.withUnsafeBufferPointer { slopes in
          guard let inputs = inputs.baseAddress, let slopes = slopes.baseAddress else { return }
          (tile == .f4 ? kernels.table.accumulateTiles4 : kernels.table.accumulateTiles6)(
            WinogradGradientTiles(
              inputs: inputs, outputGradients: slopes, rows: one.height, width: one.width,
              inputStride: packed.layout.inputStride, outputStride: packed.layout.outputStride,
              gradient: guarded.pointer,
              biasGradient: guarded.pointer + (packed.count - packed.layout.outputStride),
              tilesAtOnce: packed.tilesAtOnce, scratch: scratch.pointer))
        }
      }
      packed.weights.update(from: guarded.pointer, count: packed.count)
    }
    return unpacked(packed)
  }

  private func unpacked(_ packed: PackedWinogradGradient) -> (weights: [Float], bias: [Float]) {
    let layout = packed.layout
    var weights = [Float](repeating: .nan, count: 9 * layout.inputChannels * layout.outputChannels)
    var bias = [Float](repeating: .nan, count: layout.outputChannels)
    let scratch = FloatBuffer(count: packed.scratchCount)
    packed.unpack(weights: &weights, bias: &bias, scratch: scratch.pointer)
    return (weights, bias)
  }
}
