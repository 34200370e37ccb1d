package import Convolution

/// The matrices of Winograd's algorithm from its points, as polynomials: independent of how the kernels factor them.
package struct WinogradMatrices {
  package let outputs: Int
  package let input: [[Double]]
  package let weights: [[Double]]
  package let output: [[Double]]

  package init(_ tile: WinogradTile) {
    let m = tile.outputs
    let points: [Double] = tile == .f4 ? [0, 0.625, -0.625, 1.5, -1.5] : [0, 0.5, -0.5, 1, -1, 2, -2]
    /// The coefficients of the product of (x - root), the constant one first.
    func polynomial(_ roots: [Double]) -> [Double] {
      roots.reduce([1]) { product, root in
        (0...product.count).map {
          ($0 > 0 ? product[$0 - 1] : 0) - ($0 < product.count ? root * product[$0] : 0)
        }
      }
    }
    outputs = m
    input =
      points.map { point in polynomial(points.filter { $0 != point }) + [0] } + [polynomial(points)]
    weights =
      points.map { point in
        let scale = points.filter { $0 != point }.reduce(1) { $0 * (point - $1) }
        return [1 / scale, point / scale, point * point / scale]
      } + [[0, 0, 1]]
    output = (0..<m).map { row in
      points.map { point in (0..<row).reduce(1) { power, _ in power * point } } + [row == m - 1 ? 1 : 0]
    }
  }

  /// `matrix x data x matrix^T`
  package static func sandwich(_ matrix: [[Double]], _ data: [[Double]]) -> [[Double]] {
    func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
      a.map { row in b[0].indices.map { j in row.indices.reduce(0) { $0 + row[$1] * b[$1][j] } } }
    }
    let transposed = matrix[0].indices.map { j in matrix.map { $0[j] } }
    return product(product(matrix, data), transposed)
  }

  /// All entries without their signs.
  package static func absolute(_ matrix: [[Double]]) -> [[Double]] { matrix.map { $0.map { abs($0) } } }

  package static func transposed(_ matrix: [[Double]]) -> [[Double]] {
    matrix[0].indices.map { j in matrix.map { $0[j] } }
  }
}

// MARK: - What rounding can do

extension WinogradMatrices {
  /// For each output of a convolution the sum of the magnitudes of everything that is added up on
  /// the way to it, given the input (HWC) and the weights (OIHW), whose signs do not count. Zeros make up whole tiles.
  package func outputMagnitudes(
    _ pixels: [Double], width: Int, height: Int, weights sizes: [Double], inputs: Int, outputs channels: Int
  ) -> [Double] {
    let n = outputs + 2
    let u = (0..<channels * inputs).map { pair in
      Self.sandwich(
        Self.absolute(weights), (0..<3).map { i in (0..<3).map { abs(sizes[pair * 9 + i * 3 + $0]) } }
      ).flatMap { $0 }
    }
    var magnitudes = [Double](repeating: 0, count: width * height * channels)
    for top in stride(from: 0, to: height, by: outputs) {
      for left in stride(from: 0, to: width, by: outputs) {
        let v = transforms(Self.absolute(input), pixels, width, height, inputs, top - 1, left - 1, n)
        for o in 0..<channels {
          var sums = [Double](repeating: 0, count: n * n)
          for i in 0..<inputs {
            for f in 0..<n * n { sums[f] += v[i][f] * u[o * inputs + i][f] }
          }
          let y = Self.sandwich(Self.absolute(output), (0..<n).map { Array(sums[$0 * n..<($0 + 1) * n]) })
          for i in 0..<min(outputs, height - top) {
            for j in 0..<min(outputs, width - left) {
              magnitudes[((top + i) * width + left + j) * channels + o] = y[i][j]
            }
          }
        }
      }
    }
    return magnitudes
  }

  /// The same for each element of the weights' gradient (OIHW), given the input and the slopes.
  package func gradientMagnitudes(
    _ pixels: [Double], slopes: [Double], width: Int, height: Int, inputs: Int, outputs channels: Int
  ) -> [Double] {
    let n = outputs + 2
    var sums = [[Double]](repeating: [Double](repeating: 0, count: n * n), count: channels * inputs)
    let slopeMatrix = Self.absolute(Self.transposed(output))
    for top in stride(from: 0, to: height, by: outputs) {
      for left in stride(from: 0, to: width, by: outputs) {
        let v = transforms(Self.absolute(input), pixels, width, height, inputs, top - 1, left - 1, n)
        let d = transforms(slopeMatrix, slopes, width, height, channels, top, left, outputs)
        for o in 0..<channels {
          for i in 0..<inputs {
            for f in 0..<n * n { sums[o * inputs + i][f] += v[i][f] * d[o][f] }
          }
        }
      }
    }
    let weightMatrix = Self.absolute(Self.transposed(weights))
    return sums.flatMap { sum in
      Self.sandwich(weightMatrix, (0..<n).map { Array(sum[$0 * n..<($0 + 1) * n]) }).flatMap { $0 }
    }
  }

  /// The transform of the square of `count` pixels from a place on, of every channel.
  private func transforms(
    _ matrix: [[Double]], _ plane: [Double], _ width: Int, _ height: Int, _ channels: Int, _ top: Int,
    _ left: Int, _ count: Int
  ) -> [[Double]] {
    (0..<channels).map { channel in
      Self.sandwich(
        matrix,
        (0..<count).map { i in
          (0..<count).map { j in
            let (y, x) = (top + i, left + j)
            guard y >= 0, y < height, x >= 0, x < width else { return 0 }
            return abs(plane[(y * width + x) * channels + channel])
          }
        }
      ).flatMap { $0 }
    }
  }
}
