/// The mean structural similarity of two planes of one size (Wang, Bovik, Sheikh and Simoncelli, IEEE Trans. Image
/// Processing 13, 2004): 11x11 Gaussian window of deviation 1.5, K1 = 0.01, K2 = 0.03, over the windows that lie
/// wholly inside. The picture is not reduced first.
///
/// - Parameters:
///   - a: samples of 0...`peak`.
///   - b: of the same size.
///   - peak: 255 for planes of 8 bits.
/// - Returns: at most 1, which equal planes have; nil when a side is shorter than the window.
/// - Complexity: O(samples); the window is separable.
package func ssim(_ a: DoublePlane, _ b: DoublePlane, peak: Double = 255) -> Double? {
  precondition(a.size == b.size, "planes to compare have one size")
  let taps = Gaussian.window
  guard a.width >= taps.count, a.height >= taps.count else { return nil }
  let (c1, c2) = (0.01 * peak * 0.01 * peak, 0.03 * peak * 0.03 * peak)

  let meanA = Gaussian.filtered(a.samples, width: a.width)
  let meanB = Gaussian.filtered(b.samples, width: a.width)
  let squareA = Gaussian.filtered(products(a.samples, a.samples), width: a.width)
  let squareB = Gaussian.filtered(products(b.samples, b.samples), width: a.width)
  let product = Gaussian.filtered(products(a.samples, b.samples), width: a.width)
  var sum = 0.0
  for i in meanA.indices {
    let (mean2A, mean2B, meanAB) = (meanA[i] * meanA[i], meanB[i] * meanB[i], meanA[i] * meanB[i])
    let (varianceA, varianceB) = (squareA[i] - mean2A, squareB[i] - mean2B)
    let covariance = product[i] - meanAB
    sum +=
      (2 * meanAB + c1) * (2 * covariance + c2) / ((mean2A + mean2B + c1) * (varianceA + varianceB + c2))
  }
  return sum / Double(meanA.count)
}

private func products(_ a: [Double], _ b: [Double]) -> [Double] {
  [Double](unsafeUninitializedCapacity: a.count) { result, count in
    for i in a.indices { result[i] = a[i] * b[i] }
    count = a.count
  }
}

private enum Gaussian {
  /// Eleven weights whose sum is 1.
  static let window = gaussianTaps(deviation: 1.5, reach: 5)

  /// The weighted means around every sample whose window lies inside: `width - 10` columns, `height - 10` rows.
  static func filtered(_ samples: [Double], width: Int) -> [Double] {
    let reach = window.count - 1
    let height = samples.count / width
    let (innerWidth, innerHeight) = (width - reach, height - reach)
    var row = [Double](repeating: 0, count: width)
    return [Double](unsafeUninitializedCapacity: innerWidth * innerHeight) { result, count in
      samples.withUnsafeBufferPointer { samples in
        row.withUnsafeMutableBufferPointer { row in
          for y in 0..<innerHeight {
            row.update(repeating: 0)
            for (tap, weight) in window.enumerated() {
              let source = samples.baseAddress.unsafelyUnwrapped + (y + tap) * width
              for x in 0..<width { row[x] += weight * source[x] }
            }
            let target = result.baseAddress.unsafelyUnwrapped + y * innerWidth
            target.initialize(repeating: 0, count: innerWidth)
            for (tap, weight) in window.enumerated() {
              for x in 0..<innerWidth { target[x] += weight * row[x + tap] }
            }
          }
        }
      }
      count = innerWidth * innerHeight
    }
  }
}
