#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A Gaussian's values at `-reach ... reach`, divided by their sum.
package func gaussianTaps(deviation: Double, reach: Int) -> [Double] {
  let taps = (-reach...reach).map { exp(-Double($0 * $0) / (2 * deviation * deviation)) }
  let sum = taps.reduce(0, +)
  return taps.map { $0 / sum }
}
