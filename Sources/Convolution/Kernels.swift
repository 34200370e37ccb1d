import KernelsBaseline
import Microkernel

#if arch(x86_64)
  import KernelsAVX2
  import KernelsAVX512
#elseif arch(arm64)
  import KernelsNEON
#endif

/// The kernels of one instruction set: the only place that chooses between them, once for each call on whole rows.
///
/// Every output value is one sum in a fixed order (tap rows from the top, taps from the left, input channels), then
/// the bias: the same bits for every position, row count, width and thread.
package struct Kernels: Sendable {
  package let instructionSet: InstructionSet
  let table: KernelTable

  /// - Precondition: the machine has the instruction set.
  package init(for instructionSet: InstructionSet) {
    precondition(InstructionSet.supported.contains(instructionSet))
    self.instructionSet = instructionSet
    table = Self.table(of: instructionSet)
  }

  /// Floats of output channels in a full panel of packed weights.
  static func panelWidth(of instructionSet: InstructionSet) -> Int { table(of: instructionSet).panelWidth }

  private static func table(of instructionSet: InstructionSet) -> KernelTable {
    switch instructionSet {
    #if arch(x86_64)
      case .avx2: KernelsAVX2.table
      case .avx512: KernelsAVX512.table
    #elseif arch(arm64)
      case .neon: KernelsNEON.table
    #endif
    default: KernelsBaseline.table
    }
  }

  /// A 3x3 convolution: `rows` output rows of `width` pixels.
  ///
  /// Rows are NHWC: the channels of a pixel side by side, `paddedChannels(channels)` floats a pixel, padding channels
  /// zero in the input and written as zero in the output. No alignment is needed; 64 bytes are fastest. Outputs must
  /// not overlap the inputs. Exactly pixels 0 ..< width of the outputs are written.
  ///
  /// - Parameters:
  ///   - inputs: `rows + 2` row pointers: output row i reads inputs i, i+1, i+2. Each points at pixel 0; pixels -1 and
  ///     `width` are read too (zero at the picture's border, the true neighbours inside).
  ///   - outputs: `rows` row pointers, each at pixel 0.
  ///   - rows: Rows to compute.
  ///   - width: Pixels of a row to compute.
  ///   - weights: Packed for this instruction set.
  ///   - relu: Negative results become zero.
  ///   - gates: `rows` pointers to rows laid out as the output: where they are not positive the result is zero. This is
  ///     the gradient of the ReLU that produced them, fused into a data gradient.
  ///   - addends: `rows` pointers to rows laid out as the output: added to the result before the ReLU.
  package func convolveRows(
    _ inputs: UnsafePointer<UnsafePointer<Float>>, into outputs: UnsafePointer<UnsafeMutablePointer<Float>>,
    rows: Int, width: Int, weights: PackedWeights, relu: Bool = false,
    gates: UnsafePointer<UnsafePointer<Float>>? = nil,
    adding addends: UnsafePointer<UnsafePointer<Float>>? = nil
  ) {
    precondition(rows >= 0 && width >= 0 && weights.instructionSet == instructionSet)
    withExtendedLifetime(weights) {
      table.convolveRows(
        ConvolutionRows(
          inputs: inputs, outputs: outputs, rows: rows, width: width,
          inputStride: weights.layout.inputStride, outputStride: weights.layout.outputStride,
          weights: weights.weights, bias: weights.bias, relu: relu, gates: gates, addends: addends))
    }
  }

  /// Adds what `rows` rows of `width` pixels contribute to the gradient of a layer's weights and biases.
  ///
  /// The sums run over the rows from the top and the pixels from the left, so the result depends on nothing but the
  /// rows and their order: a picture in several calls gives the same bits as in one.
  ///
  /// - Parameters:
  ///   - inputs: `rows + 2` rows of the layer's input, as for `convolveRows`.
  ///   - outputGradients: `rows` rows of the gradient with respect to the layer's output before its ReLU, each at pixel
  ///     0; pixels outside 0 ..< width are not read. Padding channels must be zero.
  ///   - rows: Rows to add.
  ///   - width: Pixels of a row to add.
  ///   - gradient: Where to add. No other thread may use it meanwhile.
  package func accumulateWeightGradient(
    inputs: UnsafePointer<UnsafePointer<Float>>, outputGradients: UnsafePointer<UnsafePointer<Float>>,
    rows: Int, width: Int, into gradient: PackedGradient
  ) {
    precondition(rows >= 0 && width >= 0 && gradient.layout.instructionSet == instructionSet)
    withExtendedLifetime(gradient) {
      table.accumulateWeightGradient(
        WeightGradientRows(
          inputs: inputs, outputGradients: outputGradients, rows: rows, width: width,
          inputStride: gradient.layout.inputStride, outputStride: gradient.layout.outputStride,
          gradient: gradient.weights, biasGradient: gradient.bias))
    }
  }
}
