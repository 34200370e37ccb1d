import Microkernel

/// The gradient of a loss with respect to the weights and biases of one layer in the frequency domain of Winograd's
/// algorithm, laid out as `WinogradWeights`, dU for U = G w G^T.
///
/// A reference: one for each thread. What several calls have added is turned into weights once, by `unpack`.
package final class PackedWinogradGradient: Sendable {
  package let layout: PackedLayout
  package let tile: WinogradTile
  /// How many tiles a call takes through its phases together: any number gives the same bits.
  package let tilesAtOnce: Int
  private let storage: FloatBuffer

  /// All zero.
  ///
  /// - Precondition: more than one input and output channel.
  package init(_ layout: PackedLayout, tile: WinogradTile, tilesAtOnce: Int? = nil) {
    precondition(layout.inputChannels > 1 && layout.outputChannels > 1)
    precondition(tilesAtOnce.map { $0 > 0 } ?? true)
    self.layout = layout
    self.tile = tile
    self.tilesAtOnce = tilesAtOnce ?? Self.tilesAtOnce(layout, CacheSizes.machine)
    storage = FloatBuffer(count: WinogradWeights.count(layout, tile))
  }

  /// As many tiles as take two fifths of the first level of the cache for the rows of one product, the rest being for the
  /// gradient and the rows of the next. With more the second level overflows; with few the gradient passes through too often.
  static func tilesAtOnce(_ layout: PackedLayout, _ caches: CacheSizes) -> Int {
    let bytesPerRow = 4 * (layout.inputStride + layout.outputStride)
    return min(max(caches.firstLevel * 2 / 5 / bytesPerRow, 6), 128)
  }

  /// Floats of the gradient: the transformed weights', then the biases'.
  package var count: Int { storage.count }
  package var weights: UnsafeMutablePointer<Float> { storage.pointer }
  package var bias: UnsafeMutablePointer<Float> { storage.pointer + (storage.count - layout.outputStride) }

  /// Floats of scratch that `unpack` needs and a call of `Kernels.accumulateWinogradWeightGradient`, whatever the rows and
  /// width.
  package var scratchCount: Int { Self.scratchCount(layout, tile, tilesAtOnce: tilesAtOnce) }

  /// `scratchCount` of a gradient that is yet to be made.
  package static func scratchCount(_ layout: PackedLayout, _ tile: WinogradTile) -> Int {
    scratchCount(layout, tile, tilesAtOnce: tilesAtOnce(layout, CacheSizes.machine))
  }

  private static func scratchCount(_ layout: PackedLayout, _ tile: WinogradTile, tilesAtOnce: Int) -> Int {
    max(
      layout.weightCount,
      WinogradTiles.scratchCount(
        side: tile.side, rows: tilesAtOnce, inputStride: layout.inputStride,
        outputStride: layout.outputStride,
        inPlace: false))
  }

  func forgetBiases() { bias.update(repeating: 0, count: layout.outputStride) }

  /// Writes the weights' gradient `G^T dU G` in OIHW order (9 x inputs x outputs floats) and the biases' (outputs
  /// floats), by way of `scratchCount` floats that no other thread uses meanwhile.
  package func unpack(
    weights target: UnsafeMutablePointer<Float>, bias biasTarget: UnsafeMutablePointer<Float>?,
    scratch taps: UnsafeMutablePointer<Float>
  ) {
    let kernels = Kernels(for: layout.instructionSet)
    let transform = tile.weightTransform.flatMap { $0.map { Float($0) } }
    transform.withUnsafeBufferPointer { transform in
      guard let transform = transform.baseAddress else { return }
      for panel in layout.panels {
        kernels.table.gatherTaps(
          WinogradTaps(
            frequencies: weights + panel.firstChannel * layout.inputStride,
            frequency: layout.inputStride * layout.outputStride, taps: taps + panel.offset,
            count: layout.inputStride * panel.width, transform: transform, side: tile.side))
      }
    }
    layout.unpack(taps, into: target)
    biasTarget?.update(from: bias, count: layout.outputChannels)
  }
}
