import Convolution
import SuperResolution

/// The layers' weights as the kernels read them, forwards and for the data gradient, renewed after every step.
///
/// Layers of many channels run by Winograd's F(6x6, 3x3), in all three directions: five times fewer operations, and an
/// error (6e-6 of the largest output) far below the noise of a batch. A patch that is no whole number of its tiles is computed
/// on the next larger square that is; what lies beyond the patch is made zero after every layer, as if it were the border.
final class PackedNetwork: @unchecked Sendable {
  /// Of the layers that suit Winograd's algorithm.
  static let tile = WinogradTile.f6

  let shape: NetworkShape
  let layers: [NetworkShape.Layer]
  let kernels: Kernels
  /// Of the patches.
  let side: Int
  /// Of the squares that hold them, in whole tiles.
  let paddedSide: Int
  private var forward: [Operator]
  /// Empty where nothing is trained. `backward[0]` is never used: nobody asks for the gradient of the picture.
  private var backward: [Operator]

  /// A layer's weights for the algorithm that suits it; one of the two, each renewed in place.
  private struct Operator {
    var direct: PackedWeights?
    var winograd: WinogradWeights?

    init(_ layout: PackedLayout, suitsWinograd: Bool) {
      if suitsWinograd {
        winograd = WinogradWeights(layout, tile: PackedNetwork.tile)
      } else {
        direct = PackedWeights(layout)
      }
    }

    mutating func load(_ weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?) {
      direct?.repack(weights, bias: bias)
      winograd?.repack(weights, bias: bias)
    }

    mutating func load(transposing weights: UnsafePointer<Float>) {
      direct?.repack(transposing: weights)
      winograd?.repack(transposing: weights)
    }

    var scratchCount: Int { winograd?.scratchCount ?? 0 }

    /// Floats of packed weights and biases.
    var count: Int { direct?.layout.count ?? winograd?.count ?? 0 }
  }

  /// Without `trains` for forward passes alone.
  init(_ shape: NetworkShape, side: Int, trains: Bool = true, instructionSet: InstructionSet) {
    self.shape = shape
    self.side = side
    paddedSide = Self.paddedSide(shape, side: side)
    layers = shape.layers
    kernels = Kernels(for: instructionSet)
    forward = layers.map { Operator($0.layout(for: instructionSet), suitsWinograd: $0.suitsWinograd) }
    backward =
      trains
      ? layers.map { Operator($0.transposedLayout(for: instructionSet), suitsWinograd: $0.suitsWinograd) }
      : []
  }

  /// The side of the square in which a patch is computed.
  static func paddedSide(_ shape: NetworkShape, side: Int) -> Int {
    guard shape.layers.contains(where: \.suitsWinograd) else { return side }
    return (side + tile.outputs - 1) / tile.outputs * tile.outputs
  }

  /// Empty gradients of all layers, of one thread.
  func gradients() -> [LayerGradient] {
    layers.map {
      let layout = $0.layout(for: kernels.instructionSet)
      if $0.suitsWinograd { return .winograd(PackedWinogradGradient(layout, tile: Self.tile)) }
      return .direct(PackedGradient(layout))
    }
  }

  /// Floats of scratch that each thread needs.
  var scratchCount: Int { (forward + backward).map(\.scratchCount).max() ?? 0 }
  /// Floats of all packed weights.
  var count: Int { (forward + backward).reduce(0) { $0 + $1.count } }

  /// Takes up new values.
  func load(_ parameters: Parameters, threads: Int) {
    precondition(parameters.shape == shape)
    parameters.values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      forward.withUnsafeMutableBufferPointer { forward in
        backward.withUnsafeMutableBufferPointer { backward in
          nonisolated(unsafe) let (base, forward, backward) = (base, forward, backward)
          share(layers.count, among: threads) { index, _ in
            let layer = layers[index]
            forward[index].load(base + layer.weights.lowerBound, bias: base + layer.biases.lowerBound)
            if index > 0, !backward.isEmpty {
              backward[index].load(transposing: base + layer.weights.lowerBound)
            }
          }
        }
      }
    }
  }

  /// Output of layer `index`, rectified if asked for.
  func forward(
    _ index: Int, _ input: FeatureMap, into output: FeatureMap, relu: Bool,
    scratch: UnsafeMutablePointer<Float>
  ) {
    run(forward[index], input, into: output, relu: relu, gates: nil, scratch)
  }

  /// Gradient with respect to the input of layer `index`, `input`, which a rectifier has made.
  func backward(
    _ index: Int, _ slope: FeatureMap, into inputSlope: FeatureMap, input: FeatureMap,
    scratch: UnsafeMutablePointer<Float>
  ) {
    run(backward[index], slope, into: inputSlope, relu: false, gates: input.rows, scratch)
  }

  private func run(
    _ layer: Operator, _ input: FeatureMap, into output: FeatureMap, relu: Bool,
    gates: UnsafePointer<UnsafePointer<Float>>?, _ scratch: UnsafeMutablePointer<Float>
  ) {
    if let weights = layer.direct {
      kernels.convolveRows(
        input.padded, into: output.outputs, rows: side, width: side, weights: weights, relu: relu,
        gates: gates)
    } else if let weights = layer.winograd {
      kernels.convolveTiles(
        input.padded, into: output.outputs, rows: input.height, width: input.width, weights: weights,
        relu: relu, gates: gates, pixelsAreFar: true, scratch: scratch)
      // The gates do it already: what lies beyond the patch is zero in the map that they are.
      if gates == nil { output.clear(beyond: side) }
    }
  }
}

extension NetworkShape.Layer {
  var suitsWinograd: Bool { WinogradTile.suits(inputChannels: inputs, outputChannels: outputs) }

  func layout(for instructionSet: InstructionSet) -> PackedLayout {
    PackedLayout(inputChannels: inputs, outputChannels: outputs, instructionSet: instructionSet)
  }

  /// Of the data gradient.
  func transposedLayout(for instructionSet: InstructionSet) -> PackedLayout {
    PackedLayout(inputChannels: outputs, outputChannels: inputs, instructionSet: instructionSet)
  }
}
