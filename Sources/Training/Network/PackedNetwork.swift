import Convolution
import Dispatch

/// The layers' weights as the kernels read them, forwards and for the data gradient, renewed after every step.
final class PackedNetwork: @unchecked Sendable {
  let shape: NetworkShape
  let layers: [NetworkShape.Layer]
  let kernels: Kernels
  private(set) var forward: [PackedWeights]
  /// `backward[0]` is never used: nobody asks for the gradient of the picture.
  private(set) var backward: [PackedWeights]

  init(_ shape: NetworkShape, instructionSet: InstructionSet) {
    self.shape = shape
    layers = shape.layers
    kernels = Kernels(for: instructionSet)
    forward = layers.map {
      PackedWeights(
        PackedLayout(inputChannels: $0.inputs, outputChannels: $0.outputs, instructionSet: instructionSet))
    }
    backward = layers.map {
      PackedWeights(
        PackedLayout(inputChannels: $0.outputs, outputChannels: $0.inputs, instructionSet: instructionSet))
    }
  }

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
            forward[index].repack(base + layer.weights.lowerBound, bias: base + layer.biases.lowerBound)
            if index > 0 { backward[index].repack(transposing: base + layer.weights.lowerBound) }
          }
        }
      }
    }
  }
}
