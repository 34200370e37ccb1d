/// Seeded numbers (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Integers in -32...32: sums of up to 16,384 products of two of them are exact in a float, in any order.
  mutating func integers(_ count: Int) -> [Double] {
    (0..<count).map { _ in Double(Int.random(in: -32...32, using: &self)) }
  }

  /// Floats in -1 ..< 1.
  mutating func floats(_ count: Int) -> [Double] {
    (0..<count).map { _ in Double(Float.random(in: -1..<1, using: &self)) }
  }

  /// OIHW weights of variance 2 / (9 x inputs): what follows a ReLU keeps its size (He et al., 2015).
  mutating func heNormal(inputChannels: Int, outputChannels: Int) -> [Double] {
    // The sum of twelve uniform numbers: mean 6, variance 1.
    (0..<9 * inputChannels * outputChannels).map { _ in
      let normal = (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &self) }
      return Double(Float(normal * (2 / Double(9 * inputChannels)).squareRoot()))
    }
  }
}
