import Testing

@testable import Convolution

@Suite struct WinogradTests {
  @Test(
    arguments: InstructionSet.supported,
    [(64, 64), (3, 12), (48, 17), (16, 31), (65, 48), (2, 2)].flatMap { channels in
      WinogradTile.allCases.map { (channels, $0) }
    })
  func agreesWithTheReference(
    _ set: InstructionSet, _ layer: (channels: (input: Int, output: Int), tile: WinogradTile)
  ) {
    let (channels, tile) = layer
    let m = tile.outputs
    let (width, height) = (5 * m, 3 * m)
    var generator = SplitMix64(seed: 1)
    let input = generator.floats(width * height * channels.input)
    let weights = generator.floats(9 * channels.input * channels.output)
    let bias = generator.floats(channels.output)
    let expected = ReferenceConvolution.forward(
      input, width: width, height: height, weights: weights, bias: bias, relu: true,
      inputChannels: channels.input, outputChannels: channels.output)
    let packed = WinogradWeights(
      weights.map { Float($0) }, bias: bias.map { Float($0) }, inputChannels: channels.input,
      outputChannels: channels.output, tile: tile, instructionSet: set)
    let source = Activations(input, width: width, height: height, channels: channels.input)
    let target = Activations(width: width, height: height, channels: channels.output)
    let scratch = FloatBuffer(count: packed.scratchCount)
    withExtendedLifetime((source, target, scratch)) {
      Kernels(for: set).convolveTiles(
        source.inputs, into: target.outputs, rows: height, width: width, weights: packed, relu: true,
        scratch: scratch.pointer)
    }
    let scale = expected.reduce(0) { max($0, abs($1)) }
    let error = zip(target.values, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    #expect(error / scale < 2e-5)
  }
}
