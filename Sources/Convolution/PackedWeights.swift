/// The weights and biases of one 3x3 layer in the order that the kernels of one instruction set read them.
///
/// Packing costs about as much as one pass over the weights; do it once and keep the value.
package struct PackedWeights: Sendable {
  package let layout: PackedLayout
  private var storage: FloatBuffer

  package var inputChannels: Int { layout.inputChannels }
  package var outputChannels: Int { layout.outputChannels }
  package var instructionSet: InstructionSet { layout.instructionSet }

  /// The packed floats; valid as long as this value lives and is not written.
  package var weights: UnsafePointer<Float> { UnsafePointer(storage.pointer) }
  package var bias: UnsafePointer<Float> { UnsafePointer(storage.pointer + layout.weightCount) }

  /// Packs `outputChannels * inputChannels * 9` floats, OIHW, and `outputChannels` biases (nil: none).
  ///
  /// - Precondition: the storage, if given, is of `PackedLayout.count` zeros.
  package init(
    _ weights: [Float], bias: [Float]? = nil, inputChannels: Int, outputChannels: Int,
    instructionSet: InstructionSet, storage: FloatBuffer? = nil
  ) {
    self.init(
      PackedLayout(
        inputChannels: inputChannels, outputChannels: outputChannels, instructionSet: instructionSet),
      storage: storage)
    precondition(weights.count == 9 * inputChannels * outputChannels)
    precondition(bias == nil || bias?.count == outputChannels)
    weights.withUnsafeBufferPointer { weights in
      (bias ?? []).withUnsafeBufferPointer { bias in
        // An empty array may have an address too.
        if let base = weights.baseAddress {
          pack(base, bias: bias.isEmpty ? nil : bias.baseAddress, into: self.storage.pointer)
        }
      }
    }
  }

  /// All zero; `repack` fills it.
  package init(_ layout: PackedLayout, storage: FloatBuffer? = nil) {
    precondition(storage == nil || storage?.count == layout.count)
    self.layout = layout
    self.storage = storage ?? FloatBuffer(count: layout.count)
  }

  /// The weights of the data gradient of a layer with these OIHW weights, whose channel counts are given as that layer
  /// has them.
  package static func transposedFlipped(
    _ weights: [Float], inputChannels: Int, outputChannels: Int, instructionSet: InstructionSet
  ) -> PackedWeights {
    precondition(weights.count == 9 * inputChannels * outputChannels)
    var packed = PackedWeights(
      PackedLayout(
        inputChannels: outputChannels, outputChannels: inputChannels, instructionSet: instructionSet))
    weights.withUnsafeBufferPointer { weights in
      if let base = weights.baseAddress { packed.repack(transposing: base) }
    }
    return packed
  }

  /// Replaces all weights by these, OIHW, and the biases (zero if nil).
  package mutating func repack(_ source: UnsafePointer<Float>, bias: UnsafePointer<Float>?) {
    pack(source, bias: bias, into: uniqueStorage())
  }

  private func pack(
    _ source: UnsafePointer<Float>, bias: UnsafePointer<Float>?, into target: UnsafeMutablePointer<Float>
  ) {
    let inputs = inputChannels
    gather(into: target) { input, output, tap in source + ((output * inputs + input) * 9 + tap) }
    for output in 0..<outputChannels { target[layout.weightCount + output] = bias?[output] ?? 0 }
  }

  /// Replaces all weights by those of the data gradient of a layer whose OIHW weights are `source`: this layer's inputs
  /// are that layer's outputs, its outputs that layer's inputs, and the taps are turned by 180 degrees. No biases.
  package mutating func repack(transposing source: UnsafePointer<Float>) {
    let (outputs, target) = (outputChannels, uniqueStorage())
    gather(into: target) { input, output, tap in source + ((input * outputs + output) * 9 + 8 - tap) }
    for output in 0..<outputChannels { target[layout.weightCount + output] = 0 }
  }

  private mutating func uniqueStorage() -> UnsafeMutablePointer<Float> {
    if !isKnownUniquelyReferenced(&storage) { storage = FloatBuffer(copying: storage) }
    return storage.pointer
  }

  /// Fills the panels from wherever `address` says that the weight of an input channel, output channel and tap is;
  /// from one output channel to the next the address must grow evenly.
  @inline(__always)
  private func gather(
    into target: UnsafeMutablePointer<Float>, _ address: (Int, Int, Int) -> UnsafePointer<Float>
  ) {
    for panel in layout.panels {
      for input in 0..<inputChannels {
        for tap in 0..<9 {
          let from = address(input, panel.firstChannel, tap)
          let step = address(input, panel.firstChannel + 1, tap) - from
          let to = target + panel.offset + (tap * layout.inputStride + input) * panel.width
          for channel in 0..<panel.channels { to[channel] = from[channel &* step] }
        }
      }
    }
  }
}
