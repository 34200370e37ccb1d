import Convolution

/// The last two rows of every layer (but the last) of the band above, for the band below: chunk by chunk, so that a
/// band's thread may follow close behind the one above.
///
/// Shared by all threads without locks: a chunk is read and rewritten by one task, after the task above it.
final class CarriedRows: Sendable {
  private let buffer: FloatBuffer
  private let step: TaskSize
  private let firstChunk: Int
  private let floatsPerChunk: Int
  /// Where each layer's rows begin within a chunk, and floats from pixel to pixel.
  private let layers: [(offset: Int, pixelStride: Int)]

  /// Zero, as the rows above the picture are.
  init(plan: NetworkPlan, layers: [NetworkLayer], step: TaskSize) {
    self.step = step
    firstChunk = plan.across.steps.lowerBound
    floatsPerChunk = Self.floats(layers: layers, step: step)
    var offset = 0
    self.layers = layers.dropLast().map { layer in
      let stride = paddedChannels(layer.outputChannels)
      defer { offset += 2 * step.width * stride }
      return (offset, stride)
    }
    buffer = FloatBuffer(count: plan.across.steps.count * floatsPerChunk)
  }

  /// Floats of one chunk.
  static func floats(layers: [NetworkLayer], step: TaskSize) -> Int {
    layers.dropLast().reduce(0) { $0 + 2 * step.width * paddedChannels($1.outputChannels) }
  }

  /// Two rows of `step.width` pixels of `layer` (1 is the first).
  func rows(layer: Int, chunk: Int) -> ActivationPatch {
    let (offset, stride) = layers[layer - 1]
    return ActivationPatch(
      base: buffer.pointer + ((chunk - firstChunk) * floatsPerChunk + offset), pixelStride: stride,
      width: step.width, height: 2)
  }
}
