/// Floats from one pixel to the next in a row of activations of so many channels: the count rounded up to a multiple of
/// 16, the channels beyond it zero. A single channel alone is compact: 1.
package func paddedChannels(_ channels: Int) -> Int {
  channels == 1 ? 1 : (channels + 15) & ~15
}

/// The weights of one 3x3 layer in the order that the kernels of one instruction set read them.
///
/// ```
/// panel 0                                      panel 1
/// ┌───────────────────────────────────────┬───┐
/// │ tap 0: input channel 0: [outputs 0..P-1]  │ ...   P: the instruction set's panel width;
/// │        input channel 1: [outputs 0..P-1]  │       the last panel may be narrower
/// │ ...                                       │
/// │ tap 8: ...                                │
/// └───────────────────────────────────────────┘
/// ```
///
/// Padding channels have zero weights, so their outputs are zero. A gradient of the weights has the same layout.
package struct PackedWeights: Sendable {
  package let inputChannels: Int
  package let outputChannels: Int
  package let instructionSet: InstructionSet
  /// Floats of weights, then one bias for each padded output channel.
  private var storage: FloatBuffer

  /// Floats from an input pixel to the next.
  package var inputStride: Int { paddedChannels(inputChannels) }
  /// Floats from an output pixel to the next.
  package var outputStride: Int { paddedChannels(outputChannels) }
  /// Floats of packed weights, the bias not counted.
  package var count: Int { 9 * inputStride * outputStride }

  package var weights: UnsafePointer<Float> { UnsafePointer(storage.pointer) }
  package var bias: UnsafePointer<Float> { UnsafePointer(storage.pointer + count) }

  /// Packs `outputChannels * inputChannels * 9` floats, OIHW, and `outputChannels` biases (nil: none).
  package init(
    _ weights: [Float], bias: [Float]? = nil, inputChannels: Int, outputChannels: Int,
    instructionSet: InstructionSet
  ) {
    self.init(inputChannels: inputChannels, outputChannels: outputChannels, instructionSet: instructionSet)
    precondition(weights.count == 9 * inputChannels * outputChannels)
    precondition(bias == nil || bias?.count == outputChannels)
    weights.withUnsafeBufferPointer { weights in
      (bias ?? []).withUnsafeBufferPointer { bias in
        if let base = weights.baseAddress { repack(base, bias: bias.baseAddress) }
      }
    }
  }

  /// All zero; `repack` fills it.
  package init(inputChannels: Int, outputChannels: Int, instructionSet: InstructionSet) {
    precondition(inputChannels > 0 && outputChannels > 0)
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.instructionSet = instructionSet
    let outputs = paddedChannels(outputChannels)
    storage = FloatBuffer(count: 9 * paddedChannels(inputChannels) * outputs + outputs)
  }

  /// Replaces all weights by these, OIHW, and the bias (zero if nil).
  package mutating func repack(_ source: UnsafePointer<Float>, bias: UnsafePointer<Float>?) {
    write(bias: bias, outputs: outputChannels)
    forEachPanel { panel, first, width, count in
      for input in 0..<inputChannels {
        let from = source + (first * inputChannels + input) * 9
        let to = panel + input * width
        for tap in 0..<9 {
          PackedWeights.gather(
            from + tap, step: 9 * inputChannels, to + tap * inputStride * width, count)
        }
      }
    }
  }

  /// Replaces all weights by those of the data gradient of a layer whose weights are `source`: this layer's inputs are
  /// that layer's outputs, its outputs that layer's inputs, and the taps are turned by 180 degrees. There is no bias.
  package mutating func repack(transposing source: UnsafePointer<Float>) {
    write(bias: nil, outputs: 0)
    forEachPanel { panel, first, width, count in
      for input in 0..<inputChannels {
        let from = source + (input * outputChannels + first) * 9
        let to = panel + input * width
        for tap in 0..<9 {
          PackedWeights.gather(from + (8 - tap), step: 9, to + tap * inputStride * width, count)
        }
      }
    }
  }

  /// The weights of the data gradient of a layer with these OIHW weights, whose channel counts are given as that layer
  /// has them.
  package static func transposedFlipped(
    _ weights: [Float], inputChannels: Int, outputChannels: Int, instructionSet: InstructionSet
  ) -> PackedWeights {
    precondition(weights.count == 9 * inputChannels * outputChannels)
    var packed = PackedWeights(
      inputChannels: outputChannels, outputChannels: inputChannels, instructionSet: instructionSet)
    weights.withUnsafeBufferPointer { weights in
      if let base = weights.baseAddress { packed.repack(transposing: base) }
    }
    return packed
  }

  /// `packed`, which has this layer's layout, back in OIHW order.
  package func unpack(_ packed: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    let panelWidth = Kernels.panelWidth(of: instructionSet)
    for first in stride(from: 0, to: outputStride, by: panelWidth) {
      let width = min(panelWidth, outputStride - first)
      let panel = packed + first * 9 * inputStride
      for output in first..<max(first, min(first + width, outputChannels)) {
        for input in 0..<inputChannels {
          let to = target + (output * inputChannels + input) * 9
          for tap in 0..<9 { to[tap] = panel[(tap * inputStride + input) * width + output - first] }
        }
      }
    }
  }

  private mutating func write(bias: UnsafePointer<Float>?, outputs: Int) {
    if !isKnownUniquelyReferenced(&storage) { storage = FloatBuffer(copying: storage) }
    let target = storage.pointer + count
    for output in 0..<outputs { target[output] = bias?[output] ?? 0 }
  }

  /// Calls `body` with each panel's address, its first output channel, its width, and how much of that is no padding.
  @inline(__always)
  private func forEachPanel(_ body: (UnsafeMutablePointer<Float>, Int, Int, Int) -> Void) {
    let panelWidth = Kernels.panelWidth(of: instructionSet)
    for first in stride(from: 0, to: outputStride, by: panelWidth) {
      let width = min(panelWidth, outputStride - first)
      let count = max(0, min(width, outputChannels - first))
      body(storage.pointer + first * 9 * inputStride, first, width, count)
    }
  }

  @inline(__always)
  private static func gather(
    _ source: UnsafePointer<Float>, step: Int, _ target: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    for i in 0..<count { target[i] = source[i &* step] }
  }
}
