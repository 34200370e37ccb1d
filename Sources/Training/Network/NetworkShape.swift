/// The shape of a network that can be trained: a chain of 3x3 convolutions with biases, a rectifier after each but the
/// last, the result added to the input.
///
/// All trainable values lie in one array: layer after layer, each its weights (OIHW) and then its biases.
package struct NetworkShape: Sendable, Hashable, Codable {
  /// Channels before, between and behind the layers: `[1, 64, ..., 64, 1]`.
  package let channels: [Int]

  /// One layer, and where its values lie.
  package struct Layer: Sendable, Hashable {
    package let inputs: Int
    package let outputs: Int
    package let weights: Range<Int>
    package let biases: Range<Int>
  }

  package init(channels: [Int]) {
    precondition(channels.count >= 2 && channels.allSatisfy { $0 > 0 })
    precondition(channels.first == 1 && channels.last == 1)
    self.channels = channels
  }

  /// `depth` layers with `width` channels between them. VDSR is 20 x 64.
  package init(depth: Int, width: Int) {
    precondition(depth >= 1 && width >= 1)
    self.init(channels: [1] + [Int](repeating: width, count: depth - 1) + [1])
  }

  package var depth: Int { channels.count - 1 }

  package var layers: [Layer] {
    var offset = 0
    return (0..<depth).map { index in
      let (inputs, outputs) = (channels[index], channels[index + 1])
      let weights = offset..<offset + 9 * inputs * outputs
      offset = weights.upperBound + outputs
      return Layer(inputs: inputs, outputs: outputs, weights: weights, biases: weights.upperBound..<offset)
    }
  }

  package var parameterCount: Int { layers.last.map(\.biases.upperBound) ?? 0 }

  /// Multiply-adds of a forward pass for each pixel.
  package var multiplyAddsPerPixel: Int { layers.reduce(0) { $0 + $1.weights.count } }
}
