import Convolution

/// One layer of a network, packed for the kernel that computes it.
struct NetworkLayer: Sendable {
  private enum Kernel: Sendable {
    case direct(PackedWeights)
    case winograd(WinogradWeights)
  }

  let inputChannels: Int
  let outputChannels: Int
  let relu: Bool
  private let kernel: Kernel

  /// Pixels of a side of the blocks that the kernel computes: 1, or Winograd's tile.
  var block: Int {
    switch kernel {
    case .direct: 1
    case .winograd(let weights): weights.tile.outputs
    }
  }

  /// - Parameters:
  ///   - layer: as the model has it.
  ///   - sign: 1, or -1 to change the sign of the result.
  ///   - algorithm: what to use where the layer's channels allow it.
  ///   - instructionSet: what to pack for.
  ///   - storage: zeros, as many as `packedCount` says.
  init(
    _ layer: Model.Layer, sign: Float, algorithm: Network.Algorithm, instructionSet: InstructionSet,
    storage: FloatBuffer
  ) {
    inputChannels = layer.inputChannels
    outputChannels = layer.outputChannels
    relu = layer.relu
    let weights = sign == 1 ? layer.weights : layer.weights.map { $0 * sign }
    let bias = sign == 1 ? layer.bias : layer.bias?.map { $0 * sign }
    if let tile = algorithm.tile(for: layer) {
      kernel = .winograd(
        WinogradWeights(
          weights, bias: bias, inputChannels: layer.inputChannels, outputChannels: layer.outputChannels,
          tile: tile, instructionSet: instructionSet, storage: storage))
    } else {
      kernel = .direct(
        PackedWeights(
          weights, bias: bias, inputChannels: layer.inputChannels, outputChannels: layer.outputChannels,
          instructionSet: instructionSet, storage: storage))
    }
  }

  /// Floats that a layer takes once it is packed.
  static func packedCount(
    _ layer: Model.Layer, algorithm: Network.Algorithm, instructionSet: InstructionSet
  ) -> Int {
    let layout = PackedLayout(
      inputChannels: layer.inputChannels, outputChannels: layer.outputChannels, instructionSet: instructionSet
    )
    return algorithm.tile(for: layer).map { WinogradWeights.count(layout, $0) } ?? layout.count
  }

  /// Floats that `compute` needs to work in.
  var scratchCount: Int {
    switch kernel {
    case .direct: 0
    case .winograd(let weights): weights.scratchCount
    }
  }

  /// Computes `rows` x `width` pixels; both are multiples of `block`. See `Kernels.convolveRows`.
  func compute(
    _ kernels: Kernels, inputs: UnsafePointer<UnsafePointer<Float>>,
    outputs: UnsafePointer<UnsafeMutablePointer<Float>>, rows: Int, width: Int,
    adding addends: UnsafePointer<UnsafePointer<Float>>?, scratch: UnsafeMutablePointer<Float>
  ) {
    switch kernel {
    case .direct(let weights):
      kernels.convolveRows(
        inputs, into: outputs, rows: rows, width: width, weights: weights, relu: relu, adding: addends)
    case .winograd(let weights):
      precondition(addends == nil, "the last layer, which adds the input, has one output channel")
      kernels.convolveTiles(
        inputs, into: outputs, rows: rows, width: width, weights: weights, relu: relu, scratch: scratch)
    }
  }
}

extension Network.Algorithm {
  /// Winograd's tile, if the algorithm is his and suits the layer.
  fileprivate func tile(for layer: Model.Layer) -> WinogradTile? {
    guard WinogradTile.suits(inputChannels: layer.inputChannels, outputChannels: layer.outputChannels) else {
      return nil
    }
    return switch self {
    case .auto, .direct: nil
    case .winograd4: .f4
    case .winograd6: .f6
    }
  }
}
