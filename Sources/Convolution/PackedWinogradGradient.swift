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
    storage = FloatBuffer(count: Self.count(layout, tile))
  }

  /// As many tiles as keep the rows of one product within the first level of the cache. More than the second level holds
  /// of all frequencies is no loss: a product reads each of its own once, and the gradient passes through less often.
  static func tilesAtOnce(_ layout: PackedLayout, _ caches: CacheSizes) -> Int {
    let bytesPerRow = 4 * (layout.inputStride + layout.outputStride)
    return min(max(caches.firstLevel / bytesPerRow, 6), 128)
  }

  /// Floats of a gradient: the transformed weights', then the biases'.
  package static func count(_ layout: PackedLayout, _ tile: WinogradTile) -> Int {
    tile.side * tile.side * layout.inputStride * layout.outputStride + layout.outputStride
  }

  package var count: Int { storage.count }
  package var weights: UnsafeMutablePointer<Float> { storage.pointer }
  package var bias: UnsafeMutablePointer<Float> { storage.pointer + (storage.count - layout.outputStride) }

  /// Floats of scratch that a call of `Kernels.accumulateWinogradWeightGradient` needs, whatever the rows and width.
  package var scratchCount: Int {
    WinogradTiles.scratchCount(
      side: tile.side, tilesAtOnce: tilesAtOnce, inputStride: layout.inputStride,
      outputStride: layout.outputStride)
  }

  /// Makes all of it zero.
  package func reset() {
    storage.pointer.update(repeating: 0, count: storage.count)
  }

  /// Adds another gradient of the same layout.
  package func add(_ other: PackedWinogradGradient) {
    precondition(layout == other.layout && tile == other.tile)
    let (target, source) = (storage.pointer, other.storage.pointer)
    for i in 0..<storage.count { target[i] += source[i] }
  }

  /// Writes the weights' gradient `G^T dU G` in OIHW order (9 x inputs x outputs floats) and the biases' (outputs
  /// floats): computed in Double, rounded once.
  package func unpack(
    weights target: UnsafeMutablePointer<Float>, bias biasTarget: UnsafeMutablePointer<Float>?
  ) {
    let side = tile.side
    let frequency = layout.inputStride * layout.outputStride
    let g = tile.weightTransform.flatMap { $0 }
    let lanes = SIMD8<Double>.scalarCount
    // dU G, a row at a time, then G^T of its columns; eight output channels at once, which are neighbours.
    for panel in layout.panels {
      for input in 0..<layout.inputChannels {
        for channel in stride(from: 0, to: panel.channels, by: lanes) {
          var sums = InlineArray<9, SIMD8<Double>>(repeating: .zero)
          let from = weights + panel.firstChannel * layout.inputStride + input * panel.width + channel
          for i in 0..<side {
            var row = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
            for j in 0..<side {
              let floats = UnsafeRawPointer(from + (i * side + j) * frequency)
                .loadUnaligned(as: SIMD8<Float>.self)
              let value = SIMD8<Double>(floats)
              row.0 += value * g[j * 3]
              row.1 += value * g[j * 3 + 1]
              row.2 += value * g[j * 3 + 2]
            }
            for k in 0..<3 {
              sums[k * 3] += row.0 * g[i * 3 + k]
              sums[k * 3 + 1] += row.1 * g[i * 3 + k]
              sums[k * 3 + 2] += row.2 * g[i * 3 + k]
            }
          }
          for lane in 0..<min(lanes, panel.channels - channel) {
            let output = panel.firstChannel + channel + lane
            let to = target + (output * layout.inputChannels + input) * 9
            for tap in 0..<9 { to[tap] = Float(sums[tap][lane]) }
          }
        }
      }
    }
    biasTarget?.update(from: bias, count: layout.outputChannels)
  }
}
