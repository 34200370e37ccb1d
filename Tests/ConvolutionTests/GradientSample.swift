import Microkernel
import TestSupport

@testable import Convolution

/// Input and slopes of a layer, and the exact gradient.
struct GradientSample {
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

  /// By Winograd's algorithm, with the gradient, the scratch and the pixels beside unreadable pages.
  func gradient(_ tile: WinogradTile, _ set: InstructionSet) -> (weights: [Float], bias: [Float]) {
    let packed = PackedWinogradGradient(
      PackedLayout(
        inputChannels: one.inputChannels, outputChannels: one.outputChannels, instructionSet: set), tile: tile
    )
    let guarded = GuardedBuffer(copying: packed.weights, count: packed.count, edge: one.edge)
    let scratch = GuardedBuffer(count: packed.scratchCount, edge: one.edge)
    let source = Activations(
      input, width: one.width, height: one.height, channels: one.inputChannels, edge: one.edge)
    let slopes = Activations(
      slopes, width: one.width, height: one.height, channels: one.outputChannels, edge: one.edge)
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
              biasGradient: guarded.pointer + (packed.count - packed.layout.outputStride), adds: true,
              tilesAtOnce: packed.tilesAtOnce, scratch: scratch.pointer))
        }
      }
      packed.weights.update(from: guarded.pointer, count: packed.count)
    }
    return packed.unpacked
  }

  /// Every element within the rounding that its own operations can make: the sum of the magnitudes that pass through the
  /// transforms, times half an ulp for each rounding on the longest way (a transform 2 x 4, twice that without fused
  /// multiply-add, the sum one for each tile, the result 1). Gathering the taps rounds too, up to four times for each row of
  /// products; that is left out, the bound being met without it.
  func isWithinRounding(_ weights: [Float], _ tile: WinogradTile) -> Bool {
    let tiles = one.width * one.height / (tile.outputs * tile.outputs)
    let roundings = Double(2 * tiles + 2 * 8 + 2 * 8 + 2)
    let magnitudes = WinogradMatrices(tile).gradientMagnitudes(
      input, slopes: slopes, width: one.width, height: one.height, inputs: one.inputChannels,
      outputs: one.outputChannels)
    return zip(zip(weights, expected.weights), magnitudes).allSatisfy {
      abs(Double($0.0) - $0.1) <= $1 * roundings * 0x1p-24
    }
  }
}

extension PackedWinogradGradient {
  /// As OIHW weights and biases.
  var unpacked: (weights: [Float], bias: [Float]) {
    var weights = [Float](repeating: .nan, count: 9 * layout.inputChannels * layout.outputChannels)
    var bias = [Float](repeating: .nan, count: layout.outputChannels)
    let scratch = FloatBuffer(count: scratchCount)
    // What calls before have left there.
    scratch.pointer.update(repeating: .nan, count: scratch.count)
    unpack(weights: &weights, bias: &bias, scratch: scratch.pointer)
    return (weights, bias)
  }
}
