import Microkernel

/// The size of the tiles of outputs that a Winograd convolution computes together.
///
/// Larger tiles need fewer products and lose more precision; `WinogradTransform` has the algorithm, its source and the
/// matrices.
package enum WinogradTile: String, CaseIterable, Sendable {
  /// F(4x4, 3x3): 36 products for 16 outputs, a quarter of the direct sum's.
  case f4
  /// F(6x6, 3x3): 64 products for 36 outputs, 5.06 times fewer than the direct sum.
  case f6

  /// Outputs along a side: m.
  package var outputs: Int {
    switch self {
    case .f4: 4
    case .f6: 6
    }
  }

  /// Inputs along a side, m + 2. A tile has its square of products, one for each frequency.
  package var side: Int { outputs + 2 }

  /// Whether the algorithm is worth while for a layer: where a side has fewer channels than this, the transforms cost more than
  /// the products that they save.
  package static func suits(inputChannels: Int, outputChannels: Int) -> Bool {
    min(inputChannels, outputChannels) >= 16
  }

  /// G, the transform of the weights: `side` rows of three.
  var weightTransform: [[Double]] {
    let positive: [Double] =
      switch self {
      case .f4: [WinogradF4.points.0, WinogradF4.points.1].map(Double.init)
      case .f6: [WinogradF6.points.0, WinogradF6.points.1, WinogradF6.points.2].map(Double.init)
      }
    let points: [Double] = [0] + positive.flatMap { [$0, -$0] }
    let finite: [[Double]] = points.indices.map { j in
      let others = points.indices.filter { $0 != j }.map { points[j] - points[$0] }
      return [1, points[j], points[j] * points[j]].map { $0 / others.reduce(1, *) }
    }
    return finite + [[0, 0, 1]]
  }
}
