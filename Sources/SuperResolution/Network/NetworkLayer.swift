import Convolution

/// What planning asks of a layer, packed or not.
struct LayerShape: Sendable {
  let outputChannels: Int
  /// Winograd's tile; nil for a layer that is computed directly.
  let tile: WinogradTile?
  /// Floats that computing it needs to work in.
  let scratchCount: Int
  /// Floats that it takes once it is packed.
  let packedCount: Int

  /// Pixels of a side of the blocks that the kernel computes: 1, or Winograd's tile.
  var block: Int { tile?.outputs ?? 1 }

  /// - Parameters:
  ///   - layer: as the model has it.
  ///   - algorithm: what to use where the layer's channels allow it.
  ///   - instructionSet: what it is packed for.
  init(_ layer: Model.Layer, algorithm: Network.Algorithm, instructionSet: InstructionSet) {
    let layout = PackedLayout(
      inputChannels: layer.inputChannels, outputChannels: layer.outputChannels, instructionSet: instructionSet
    )
    outputChannels = layer.outputChannels
    tile = algorithm.tile(for: layer)
    scratchCount = tile.map { WinogradWeights.scratchCount(layout, $0) } ?? 0
    packedCount = tile.map { WinogradWeights.count(layout, $0) } ?? layout.count
  }
}

/// One layer of a network, packed for the kernel that computes it.
struct NetworkLayer: Sendable {
  private enum Kernel: Sendable {
    case direct(PackedWeights)
    case winograd(WinogradWeights)
  }

  let shape: LayerShape
  let relu: Bool
  private let kernel: Kernel

  var outputChannels: Int { shape.outputChannels }

  /// - Parameters:
  ///   - layer: as the model has it.
  ///   - shape: made of `layer`, for the same instruction set.
  ///   - sign: 1, or -1 to change the sign of the result.
  ///   - instructionSet: what to pack for.
  ///   - storage: zeros, as many as `shape.packedCount`.
  init(
    _ layer: Model.Layer, _ shape: LayerShape, sign: Float, instructionSet: InstructionSet,
    storage: FloatBuffer
  ) {
    self.shape = shape
    relu = layer.relu
    let weights = sign == 1 ? layer.weights : layer.weights.map { $0 * sign }
    let bias = sign == 1 ? layer.bias : layer.bias?.map { $0 * sign }
    if let tile = shape.tile {
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

  /// Computes `rows` x `width` pixels; both are multiples of `shape.block`. See `Kernels.convolveRows`.
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
