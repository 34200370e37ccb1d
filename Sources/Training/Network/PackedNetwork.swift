import Convolution
import Dispatch

/// The layers' weights as the kernels read them, forwards and for the data gradient, renewed after every step.
///
/// Layers of many channels run by Winograd's F(4x4, 3x3) where the patch is a whole number of its tiles: 2.25 times
/// fewer operations forwards and backwards, and an error (3e-7 of the outputs) far below the noise of a batch.
final class PackedNetwork: @unchecked Sendable {
  let shape: NetworkShape
  let layers: [NetworkShape.Layer]
  let kernels: Kernels
  private var forward: [Operator]
  /// `backward[0]` is never used: nobody asks for the gradient of the picture.
  private var backward: [Operator]

  private enum Operator {
    case direct(PackedWeights)
    case winograd(WinogradWeights)

    init(_ layout: PackedLayout, winograd: Bool) {
      if winograd, min(layout.inputChannels, layout.outputChannels) >= 16 {
        self = .winograd(WinogradWeights(layout, tile: .f4))
      } else {
        self = .direct(PackedWeights(layout))
      }
    }

    mutating func load(_ weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?) {
      switch self {
      case .direct(var packed):
        packed.repack(weights, bias: bias)
        self = .direct(packed)
      case .winograd(var packed):
        packed.repack(weights, bias: bias)
        self = .winograd(packed)
      }
    }

    mutating func load(transposing weights: UnsafePointer<Float>) {
      switch self {
      case .direct(var packed):
        packed.repack(transposing: weights)
        self = .direct(packed)
      case .winograd(var packed):
        packed.repack(transposing: weights)
        self = .winograd(packed)
      }
    }

    var scratchCount: Int {
      if case .winograd(let packed) = self { return packed.scratchCount }
      return 0
    }
  }

  init(_ shape: NetworkShape, side: Int, instructionSet: InstructionSet, winograd: Bool = true) {
    self.shape = shape
    layers = shape.layers
    kernels = Kernels(for: instructionSet)
    let winograd = winograd && side % WinogradTile.f4.outputs == 0
    forward = layers.map {
      Operator(
        PackedLayout(inputChannels: $0.inputs, outputChannels: $0.outputs, instructionSet: instructionSet),
        winograd: winograd)
    }
    backward = layers.map {
      Operator(
        PackedLayout(inputChannels: $0.outputs, outputChannels: $0.inputs, instructionSet: instructionSet),
        winograd: winograd)
    }
  }

  /// Layouts of the weights' gradients.
  var gradientLayouts: [PackedLayout] {
    layers.map {
      PackedLayout(
        inputChannels: $0.inputs, outputChannels: $0.outputs, instructionSet: kernels.instructionSet)
    }
  }

  /// Floats of scratch that each thread needs.
  var scratchCount: Int { (forward + backward).map(\.scratchCount).max() ?? 0 }

  /// Takes up new values.
  func load(_ parameters: Parameters) {
    precondition(parameters.shape == shape)
    parameters.values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      forward.withUnsafeMutableBufferPointer { forward in
        backward.withUnsafeMutableBufferPointer { backward in
          nonisolated(unsafe) let (base, forward, backward) = (base, forward, backward)
          DispatchQueue.concurrentPerform(iterations: layers.count) { index in
            let layer = layers[index]
            forward[index].load(base + layer.weights.lowerBound, bias: base + layer.biases.lowerBound)
            if index > 0 { backward[index].load(transposing: base + layer.weights.lowerBound) }
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
    switch layer {
    case .direct(let weights):
      kernels.convolveRows(
        input.padded, into: output.outputs, rows: input.height, width: input.width, weights: weights,
        relu: relu, gates: gates)
    case .winograd(let weights):
      kernels.convolveTiles(
        input.padded, into: output.outputs, rows: input.height, width: input.width, weights: weights,
        relu: relu, gates: gates, scratch: scratch)
    }
  }
}
