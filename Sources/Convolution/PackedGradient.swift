/// The gradient of a loss with respect to the weights and biases of one layer, laid out as its packed weights.
///
/// A reference: one for each thread, added up in a fixed order, gives the same bits for every schedule.
package final class PackedGradient: Sendable {
  package let layout: PackedLayout
  private let storage: FloatBuffer

  /// All zero.
  package init(_ layout: PackedLayout) {
    self.layout = layout
    storage = FloatBuffer(count: layout.count)
  }

  /// `layout.count` floats: the weights' gradient, then the biases'.
  package var floats: UnsafeMutablePointer<Float> { storage.pointer }
  package var weights: UnsafeMutablePointer<Float> { storage.pointer }
  package var bias: UnsafeMutablePointer<Float> { storage.pointer + layout.weightCount }

  /// Makes all of it zero.
  package func reset() {
    storage.pointer.update(repeating: 0, count: layout.count)
  }

  /// Writes the weights' gradient in OIHW order (9 x inputs x outputs floats) and the biases' (outputs floats).
  package func unpack(
    weights target: UnsafeMutablePointer<Float>, bias biasTarget: UnsafeMutablePointer<Float>?
  ) {
    layout.unpack(weights, into: target)
    biasTarget?.update(from: bias, count: layout.outputChannels)
  }
}
