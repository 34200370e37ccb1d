#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The peak signal-to-noise ratio of two planes of one size: 10 log10(peak^2 / mean squared difference).
///
/// - Returns: decibels; infinity when the planes are equal. Protocols crop and round before they come here.
/// - Complexity: O(samples).
package func psnr(_ a: DoublePlane, _ b: DoublePlane, peak: Double = 255) -> Double {
  precondition(a.size == b.size && !a.samples.isEmpty, "planes to compare have one size and are not empty")
  var sum = 0.0
  a.samples.withUnsafeBufferPointer { a in
    b.samples.withUnsafeBufferPointer { b in
      for i in a.indices {
        let difference = a[i] - b[i]
        sum += difference * difference
      }
    }
  }
  return sum == 0 ? .infinity : 10 * log10(peak * peak * Double(a.samples.count) / sum)
}
