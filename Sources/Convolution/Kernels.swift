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
  let convolution: @Sendable (ConvolutionRows) -> Void
  let weightGradient: @Sendable (WeightGradientRows) -> Void
  let tiles4: @Sendable (WinogradTiles) -> Void
  let tiles6: @Sendable (WinogradTiles) -> Void
  let gradientTiles4: @Sendable (WinogradGradientTiles) -> Void
  let gradientTiles6: @Sendable (WinogradGradientTiles) -> Void
  let taps: @Sendable (WinogradTaps) -> Void
  let chains: @Sendable (_ rounds: Int) -> Float
  let chainOperations: Int

  /// - Precondition: the machine has the instruction set.
  package init(for instructionSet: InstructionSet) {
    precondition(InstructionSet.supported.contains(instructionSet))
    self.instructionSet = instructionSet
    switch instructionSet {
    #if arch(x86_64)
      case .avx2:
        convolution = KernelsAVX2.convolveRows
        weightGradient = KernelsAVX2.accumulateWeightGradient
        tiles4 = KernelsAVX2.convolveTiles4
        tiles6 = KernelsAVX2.convolveTiles6
        gradientTiles4 = KernelsAVX2.accumulateTiles4
        gradientTiles6 = KernelsAVX2.accumulateTiles6
        taps = KernelsAVX2.gatherTaps
        chains = KernelsAVX2.multiplyAddChains
        chainOperations = KernelsAVX2.chainOperations
      case .avx512:
        convolution = KernelsAVX512.convolveRows
        weightGradient = KernelsAVX512.accumulateWeightGradient
        tiles4 = KernelsAVX512.convolveTiles4
        tiles6 = KernelsAVX512.convolveTiles6
        gradientTiles4 = KernelsAVX512.accumulateTiles4
        gradientTiles6 = KernelsAVX512.accumulateTiles6
        taps = KernelsAVX512.gatherTaps
        chains = KernelsAVX512.multiplyAddChains
        chainOperations = KernelsAVX512.chainOperations
    #elseif arch(arm64)
      case .neon:
        convolution = KernelsNEON.convolveRows
        weightGradient = KernelsNEON.accumulateWeightGradient
        tiles4 = KernelsNEON.convolveTiles4
        tiles6 = KernelsNEON.convolveTiles6
        gradientTiles4 = KernelsNEON.accumulateTiles4
        gradientTiles6 = KernelsNEON.accumulateTiles6
        taps = KernelsNEON.gatherTaps
        chains = KernelsNEON.multiplyAddChains
        chainOperations = KernelsNEON.chainOperations
    #endif
    default:
      convolution = KernelsBaseline.convolveRows
      weightGradient = KernelsBaseline.accumulateWeightGradient
      tiles4 = KernelsBaseline.convolveTiles4
      tiles6 = KernelsBaseline.convolveTiles6
      gradientTiles4 = KernelsBaseline.accumulateTiles4
      gradientTiles6 = KernelsBaseline.accumulateTiles6
      taps = KernelsBaseline.gatherTaps
      chains = KernelsBaseline.multiplyAddChains
      chainOperations = KernelsBaseline.chainOperations
    }
  }

  /// Floats of output channels in a full panel of packed weights.
  static func panelWidth(of instructionSet: InstructionSet) -> Int {
    switch instructionSet {
    #if arch(x86_64)
      case .avx2: KernelsAVX2.panelWidth
      case .avx512: KernelsAVX512.panelWidth
    #elseif arch(arm64)
      case .neon: KernelsNEON.panelWidth
    #endif
    default: KernelsBaseline.panelWidth
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
      convolution(
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
      weightGradient(
        WeightGradientRows(
          inputs: inputs, outputGradients: outputGradients, rows: rows, width: width,
          inputStride: gradient.layout.inputStride, outputStride: gradient.layout.outputStride,
          gradient: gradient.weights, biasGradient: gradient.bias))
    }
  }
}
