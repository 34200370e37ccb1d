import Microkernel
import TestSupport

@testable import Convolution

// MARK: - By Winograd's algorithm

extension ConvolutionCase {
  /// The convolution with every buffer, those of the weights and the scratch too, beside an unreadable page.
  func convolve(
    _ sample: Sample, _ tile: WinogradTile, _ set: InstructionSet, tilesAtOnce: Int? = nil
  ) -> Activations {
    var packed = WinogradWeights(
      sample.weights.floats, bias: sample.bias?.floats, inputChannels: inputChannels,
      outputChannels: outputChannels, tile: tile, instructionSet: set)
    packed.tilesAtOnce = tilesAtOnce ?? packed.tilesAtOnce
    let layout = packed.layout
    let weights = GuardedBuffer(copying: packed.weights, count: packed.weightCount, edge: edge)
    let bias = GuardedBuffer(copying: packed.bias, count: layout.outputStride, edge: edge)
    let scratch = GuardedBuffer(count: packed.scratchCount, edge: edge)
    let source = Activations(
      sample.input, width: width, height: height, channels: inputChannels, edge: edge)
    let target = Activations(
      width: width, height: height, channels: outputChannels, edge: edge)
    let kernels = Kernels(for: set)
    withExtendedLifetime((packed, weights, bias, scratch, source)) {
      source.inputs.withUnsafeBufferPointer { inputs in
        target.outputs.withUnsafeBufferPointer { outputs in
          guard let inputs = inputs.baseAddress, let outputs = outputs.baseAddress else { return }
          // Reading ahead changes nothing, and stays within what may be read.
          (tile == .f4 ? kernels.table.convolveTiles4 : kernels.table.convolveTiles6)(
            WinogradTiles(
              inputs: inputs, outputs: outputs, rows: height, width: width,
              inputStride: layout.inputStride, outputStride: layout.outputStride, weights: weights.pointer,
              bias: bias.pointer, relu: relu, gates: nil, tilesAtOnce: packed.tilesAtOnce,
              inPlace: layout.productsStayInPlace, rowsBefore: layout.productsRowsBefore,
              pixelsAreFar: width.isMultiple(of: 2),
              phases: .all, scratch: scratch.pointer))
        }
      }
    }
    return target
  }

  /// Every output within the rounding that its own operations can make: the sum of magnitudes that passes through the
  /// three transforms, times half an ulp for each rounding on the longest way (a transform 2 x 4, the weights 1, the
  /// products' sum one for each input channel and twice that without fused multiply-add, the bias 1).
  func isWithinRounding(_ values: [Float], of sample: Sample, _ tile: WinogradTile) -> Bool {
    let magnitudes = WinogradMatrices(tile).magnitudes(self, sample)
    let roundings = Double(2 * inputChannels + 2 * 8 + 2 * 8 + 2)
    return zip(zip(values, sample.expected), magnitudes).allSatisfy {
      abs(Double($0.0) - $0.1) <= $1 * roundings * 0x1p-24
    }
  }
}
