import TestSupport
import Testing

@testable import Convolution

/// VDSR's 20 layers with He-normal weights on noise, against the same in Double.
@Suite struct NetworkErrorTests {
  static let size = SharedData.runsFullTests ? 96 : 36
  static let network = Network(size: size)

  struct Network: Sendable {
    let channels = [1] + [Int](repeating: 64, count: 19) + [1]
    let size: Int
    let input: [Double]
    let weights: [[Double]]
    /// The network's output, residual added.
    let output: [Double]

    init(size: Int) {
      var generator = SplitMix64(seed: 9)
      self.size = size
      input = generator.floats(size * size).map { abs($0) }
      var (weights, activations) = ([[Double]](), input)
      for layer in 0..<20 {
        weights.append(
          generator.heNormal(inputChannels: channels[layer], outputChannels: channels[layer + 1]))
        activations = ReferenceConvolution.forward(
          activations, width: size, height: size, weights: weights[layer], relu: layer < 19,
          inputChannels: channels[layer], outputChannels: channels[layer + 1])
      }
      self.weights = weights
      output = zip(input, activations).map { $0 + $1 }
    }

    /// With the 18 inner layers by Winograd's algorithm in tiles, or directly.
    func run(_ tile: WinogradTile?, _ set: InstructionSet) -> [Float] {
      let kernels = Kernels(for: set)
      var activations = Activations(input, width: size, height: size, channels: 1)
      for layer in 0..<20 {
        let (inputs, outputs) = (channels[layer], channels[layer + 1])
        let zeros = [Double](repeating: 0, count: size * size * outputs)
        let target = Activations(zeros, width: size, height: size, channels: outputs)
        if let tile, layer > 0, layer < 19 {
          let packed = WinogradWeights(
            weights[layer].floats, inputChannels: inputs, outputChannels: outputs, tile: tile,
            instructionSet: set)
          let scratch = FloatBuffer(count: packed.scratchCount)
          withExtendedLifetime((activations, scratch)) {
            kernels.convolveTiles(
              activations.inputs, into: target.outputs, rows: size, width: size, weights: packed, relu: true,
              scratch: scratch.pointer)
          }
        } else {
          let packed = PackedWeights(
            weights[layer].floats, inputChannels: inputs, outputChannels: outputs, instructionSet: set)
          withExtendedLifetime(activations) {
            kernels.convolveRows(
              activations.inputs, into: target.outputs, rows: size, width: size, weights: packed,
              relu: layer < 19)
          }
        }
        activations = target
      }
      return zip(input, activations.values).map { Float($0) + $1 }
    }
  }

  @Test(arguments: InstructionSet.supported, [nil, .f4, .f6] as [WinogradTile?])
  func errorStaysBelow2e5(_ set: InstructionSet, _ tile: WinogradTile?) {
    let network = Self.network
    let errors = zip(network.run(tile, set), network.output).map { abs(Double($0) - $1) }
    #expect((errors.max() ?? .nan) <= (tile == .f6 ? 2e-5 : 8e-6))
    #expect(errors.reduce(0, +) / Double(errors.count) <= (tile == .f6 ? 4e-6 : 1.5e-6))
  }

  /// As 8-bit pixels one of 200 differs from the direct kernel's at most, and none by more than a level: random layers
  /// magnify errors as trained ones do not, whose bar is in `AlgorithmTests`.
  @Test(arguments: InstructionSet.supported, WinogradTile.allCases)
  func pixelsAreTheDirectKernels(_ set: InstructionSet, _ tile: WinogradTile) {
    func pixels(_ values: [Float]) -> [Int] { values.map { Int(($0 * 255).rounded()) } }
    let pairs = zip(pixels(Self.network.run(tile, set)), pixels(Self.network.run(nil, set)))
    #expect(pairs.allSatisfy { abs($0 - $1) <= 1 })
    #expect(pairs.count { $0 != $1 } * 200 <= pixels(Self.network.run(nil, set)).count)
  }
}
