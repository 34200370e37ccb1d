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

  /// Every output within the rounding that its own operations can make: the sum of magnitudes that passes through the
  /// three transforms, times half an ulp for each rounding on the longest way (a transform 2 x 4, the weights 1, the
  /// products' sum one for each input channel and twice that without fused multiply-add, the bias 1).
  @Test(arguments: combinations)
  func floatsStayWithinTheirRounding(_ set: InstructionSet, _ tile: WinogradTile) {
    let matrices = WinogradMatrices(tile)
    for one in Self.cases(tile) {
      let sample = one.sample { $0.floats($1) }
      let result = convolve(one, sample, tile, set)
      let magnitudes = matrices.magnitudes(one, sample)
      let roundings = Double(2 * one.inputChannels + 2 * 8 + 2 * 8 + 2)
      let within = zip(zip(result.values, sample.expected), magnitudes).allSatisfy {
        abs(Double($0.0) - $0.1) <= $1 * roundings * 0x1p-24
      }
      #expect(within, "\(one.testDescription)")
      #expect(result.paddingIsZero && result.borderIsUntouched, "\(one.testDescription)")
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
    let result = convolve(
      one, .init(input: input, weights: weights, bias: nil, expected: expected), tile, set)
    let errors = zip(result.values, expected).map { abs(Double($0) - $1) }
    let largest = expected.reduce(0) { max($0, abs($1)) }
    let mean = errors.reduce(0, +) / Double(errors.count)
    let meanOutput = expected.reduce(0) { $0 + abs($1) } / Double(expected.count)
    #expect((errors.max() ?? .nan) <= (tile == .f4 ? 2e-6 : 8e-6) * largest)
    #expect(mean <= (tile == .f4 ? 7e-7 : 2.1e-6) * meanOutput)
  }

  @Test(arguments: combinations)
  func everyDivisionAlongTheGridGivesTheSameBits(_ set: InstructionSet, _ tile: WinogradTile) {
    let m = tile.outputs
    let one = ConvolutionCase(
      width: 7 * m, height: 3 * m, inputChannels: 31, outputChannels: 65, hasBias: true, relu: true,
      edge: .end)
    let sample = one.sample { $0.floats($1) }
    let whole = convolve(one, sample, tile, set).values
    var weights = WinogradWeights(
      sample.weights.floats, bias: sample.bias?.floats, inputChannels: 31, outputChannels: 65, tile: tile,
      instructionSet: set)
    let source = Activations(sample.input, width: one.width, height: one.height, channels: 31)
    for (rows, columns, tilesAtOnce) in [(1, 7, 24), (3, 1, 5), (2, 3, 1), (3, 7, 13), (3, 7, 100)] {
      weights.tilesAtOnce = tilesAtOnce
      let target = Activations(width: one.width, height: one.height, channels: 65)
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
    withExtendedLifetime((source, gates, scratch)) {
      Kernels(for: set).convolveTiles(
        source.inputs, into: target.outputs, rows: height, width: width, weights: packed,
        gates: gates.outputs.map { UnsafePointer($0) }, scratch: scratch.pointer)
    }
    let largest = expected.reduce(0) { max($0, abs($1)) }
    let agrees = zip(target.values, zip(expected, activations)).allSatisfy { value, exact in
      exact.1 > 0 ? abs(Double(value) - exact.0) <= 2e-5 * largest : value == 0
    }
    #expect(agrees)
  }

  /// The convolution with every buffer, those of the weights and the scratch too, beside an unreadable page.
  private func convolve(
    _ one: ConvolutionCase, _ sample: ConvolutionCase.Sample, _ tile: WinogradTile, _ set: InstructionSet
  ) -> Activations {
    let packed = WinogradWeights(
      sample.weights.floats, bias: sample.bias?.floats, inputChannels: one.inputChannels,
      outputChannels: one.outputChannels, tile: tile, instructionSet: set)
    let layout = packed.layout
    let weights = GuardedBuffer(copying: packed.weights, count: packed.weightCount, edge: one.edge)
    let bias = GuardedBuffer(copying: packed.bias, count: layout.outputStride, edge: one.edge)
    let scratch = GuardedBuffer(count: packed.scratchCount, edge: one.edge)
    let source = Activations(
      sample.input, width: one.width, height: one.height, channels: one.inputChannels, edge: one.edge)
    let target = Activations(
      width: one.width, height: one.height, channels: one.outputChannels, edge: one.edge)
    let kernels = Kernels(for: set)
    withExtendedLifetime((packed, weights, bias, scratch, source)) {
      source.inputs.withUnsafeBufferPointer { inputs in
        target.outputs.withUnsafeBufferPointer { outputs in
          guard let inputs = inputs.baseAddress, let outputs = outputs.baseAddress else { return }
          (tile == .f4 ? kernels.table.convolveTiles4 : kernels.table.convolveTiles6)(
            WinogradTiles(
              inputs: inputs, outputs: outputs, rows: one.height, width: one.width,
              inputStride: layout.inputStride, outputStride: layout.outputStride, weights: weights.pointer,
              bias: bias.pointer, relu: one.relu, gates: nil, tilesAtOnce: packed.tilesAtOnce, phases: .all,
              scratch: scratch.pointer))
        }
      }
    }
    return target
  }
}
