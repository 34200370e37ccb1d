package import Microkernel

extension Kernels {
  /// A 3x3 convolution by Winograd's algorithm: `rows` output rows of `width` pixels, in whole tiles of m x m.
  ///
  /// Rows are laid out as for `convolveRows`. Each tile depends on nothing but its own (m + 2)² inputs, in a fixed order
  /// of operations: the same bits for every division of a picture into calls along the grid of tiles.
  ///
  /// Measured on 64 channels with He-normal weights after a ReLU, the mean error is 6e-7 (f4) or 1.8e-6 (f6) of the mean
  /// output's size, the largest 1e-6 or 6e-6 of the largest output. Over VDSR's 20 layers with such weights, 512x512
  /// pixels: at most 4.1e-6 or 1.5e-5 (mean 7e-7 or 2.3e-6) of outputs up to 1.2; the direct sum 4.8e-6 (8e-7).
  ///
  /// - Parameters:
  ///   - inputs: `rows + 2` row pointers: output row i depends on inputs i, i+1, i+2. Each points at pixel 0; pixels -1
  ///     and `width` are read too.
  ///   - outputs: `rows` row pointers, each at pixel 0; they must not overlap the inputs.
  ///   - rows: Rows to compute, a multiple of m.
  ///   - width: Pixels of a row to compute, a multiple of m.
  ///   - weights: Transformed for this instruction set.
  ///   - relu: Negative results become zero.
  ///   - gates: `rows` pointers to rows laid out as the output: where they are not positive the result is zero.
  ///   - pixelsAreFar: Inputs, outputs and gates are not in the second cache level; they are brought there row of tiles by
  ///     row of tiles.
  ///   - phases: Less than all phases, to measure what one takes; the outputs are then worthless.
  ///   - scratch: `weights.scratchCount` floats, at best aligned to 64 bytes, which no other thread uses meanwhile.
  package func convolveTiles(
    _ inputs: UnsafePointer<UnsafePointer<Float>>, into outputs: UnsafePointer<UnsafeMutablePointer<Float>>,
    rows: Int, width: Int, weights: WinogradWeights, relu: Bool = false,
    gates: UnsafePointer<UnsafePointer<Float>>? = nil, pixelsAreFar: Bool = false,
    phases: WinogradPhases = .all,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let side = weights.tile.outputs
    precondition(rows >= 0 && width >= 0 && rows % side == 0 && width % side == 0)
    precondition(weights.instructionSet == instructionSet)
    withExtendedLifetime(weights) {
      let task = WinogradTiles(
        inputs: inputs, outputs: outputs, rows: rows, width: width,
        inputStride: weights.layout.inputStride, outputStride: weights.layout.outputStride,
        weights: weights.weights, bias: weights.bias, relu: relu, gates: gates,
        tilesAtOnce: weights.tilesAtOnce, inPlace: weights.layout.productsStayInPlace,
        rowsBefore: weights.layout.productsRowsBefore, pixelsAreFar: pixelsAreFar, phases: phases,
        scratch: scratch)
      switch weights.tile {
      case .f4: table.convolveTiles4(task)
      case .f6: table.convolveTiles6(task)
      }
    }
  }

  /// Adds what `rows` rows of `width` pixels, in whole tiles of m x m, contribute to the gradient of a layer's weights
  /// and biases, by Winograd's algorithm.
  ///
  /// The sums run over the tiles row by row, so the result depends on nothing but the tiles and their order. Measured on
  /// 64 channels of rectified noise and slopes of either sign, the largest error is 5e-7 (f4) or 3e-6 (f6) of the largest
  /// element.
  ///
  /// - Parameters:
  ///   - inputs: `rows + 2` rows of the layer's input, as for `convolveTiles`.
  ///   - outputGradients: `rows` rows of the gradient with respect to the layer's output before its ReLU, each at pixel
  ///     0; pixels outside 0 ..< width are not read. Padding channels must be zero.
  ///   - rows: Rows to add, a multiple of m.
  ///   - width: Pixels of a row to add, a multiple of m.
  ///   - gradient: Where to add. No other thread may use it meanwhile.
  ///   - adding: To what is there; else it is forgotten.
  ///   - scratch: `gradient.scratchCount` floats, at best aligned to 64 bytes, which no other thread uses meanwhile.
  package func accumulateWinogradWeightGradient(
    inputs: UnsafePointer<UnsafePointer<Float>>, outputGradients: UnsafePointer<UnsafePointer<Float>>,
    rows: Int, width: Int, into gradient: PackedWinogradGradient,
    adding: Bool = true, scratch: UnsafeMutablePointer<Float>
  ) {
    let side = gradient.tile.outputs
    precondition(rows >= 0 && width >= 0 && rows % side == 0 && width % side == 0)
    precondition(gradient.layout.instructionSet == instructionSet)
    if !adding { gradient.forgetBiases() }
    withExtendedLifetime(gradient) {
      let task = WinogradGradientTiles(
        inputs: inputs, outputGradients: outputGradients, rows: rows, width: width,
        inputStride: gradient.layout.inputStride, outputStride: gradient.layout.outputStride,
        gradient: gradient.weights, biasGradient: gradient.bias, adds: adding,
        tilesAtOnce: gradient.tilesAtOnce, scratch: scratch)
      switch gradient.tile {
      case .f4: table.accumulateTiles4(task)
      case .f6: table.accumulateTiles6(task)
      }
    }
  }
}
