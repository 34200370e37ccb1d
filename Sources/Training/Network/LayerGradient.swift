import Convolution

/// The gradient of one layer's weights and biases, as the kernels add to it.
enum LayerGradient: Sendable {
  case direct(PackedGradient)
  case winograd(PackedWinogradGradient)

  /// Floats of the gradient.
  var count: Int {
    switch self {
    case .direct(let gradient): gradient.layout.count
    case .winograd(let gradient): gradient.count
    }
  }

  /// Floats of scratch that `accumulate` and `unpack` need.
  var scratchCount: Int {
    switch self {
    case .direct: 0
    case .winograd(let gradient): gradient.scratchCount
    }
  }

  /// Adds what one patch of `side` pixels contributes, given the layer's input and the slope of its output; what is there
  /// already is forgotten unless `adding`.
  func accumulate(
    _ kernels: Kernels, side: Int, input: FeatureMap, slope: FeatureMap, adding: Bool,
    scratch: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .direct(let gradient):
      if !adding { gradient.reset() }
      kernels.accumulateWeightGradient(
        inputs: input.padded, outputGradients: slope.rows, rows: side, width: side, into: gradient)
    case .winograd(let gradient):
      kernels.accumulateWinogradWeightGradient(
        inputs: input.padded, outputGradients: slope.rows, rows: input.height, width: input.width,
        into: gradient, adding: adding, scratch: scratch)
    }
  }

  /// Writes the weights' gradient (OIHW) and the biases'.
  func unpack(
    weights: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .direct(let gradient): gradient.unpack(weights: weights, bias: bias)
    case .winograd(let gradient): gradient.unpack(weights: weights, bias: bias, scratch: scratch)
    }
  }
}
