import Convolution

/// The last rows of every layer (but the last) of the band above, for the band below, as many as `LayerShifts.kept` says:
/// chunk by chunk, so that a band's thread may follow close behind the one above.
///
/// Shared by all threads without locks: a chunk is read and rewritten by one task, after the task above it.
final class CarriedRows: Sendable {
  private let buffer: FloatBuffer
  private let step: TaskShape
  private let firstChunk: Int
  private let floatsPerChunk: Int
  /// Where each layer's rows begin within a chunk, how many they are, and floats from pixel to pixel.
  private let layers: [(offset: Int, rows: Int, pixelStride: Int)]

  init(plan: NetworkPlan, layers: [LayerShape], step: TaskShape) {
    self.step = step
    firstChunk = plan.across.steps.lowerBound
    floatsPerChunk = Self.floats(layers: layers, step: step)
    var offset = 0
    self.layers = layers.indices.dropLast().map { index in
      let rows = step.down.kept(index + 1)
      let stride = paddedChannels(layers[index].outputChannels)
      defer { offset += rows * step.width * stride }
      return (offset, rows, stride)
    }
    buffer = FloatBuffer(leftovers: plan.across.steps.count * floatsPerChunk)
  }

  /// Floats of one chunk.
  static func floats(layers: [LayerShape], step: TaskShape) -> Int {
    layers.indices.dropLast().reduce(0) {
      $0 + step.down.kept($1 + 1) * step.width * paddedChannels(layers[$1].outputChannels)
    }
  }

  /// Rows of `step.width` pixels of `layer` (1 is the first).
  func rows(layer: Int, chunk: Int) -> ActivationPatch {
    let (offset, rows, stride) = layers[layer - 1]
    return ActivationPatch(
      base: buffer.pointer + ((chunk - firstChunk) * floatsPerChunk + offset), pixelStride: stride,
      width: step.width, height: rows)
  }
}
