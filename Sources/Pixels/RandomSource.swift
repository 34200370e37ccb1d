/// A seeded generator: xoshiro256** (Blackman and Vigna, 2018), its state spread from the seed by SplitMix64.
///
/// The same seed gives the same sequence on every platform and in every release, and the state can be stored:
/// training resumes, demo pictures and test inputs depend on both.
package struct RandomSource: RandomNumberGenerator, Sendable, Hashable, Codable {
  /// The four words of state, never all zero.
  package private(set) var state: [UInt64]

  package init(seed: UInt64) {
    var word = seed
    state = (0..<4).map { _ in
      word &+= 0x9e37_79b9_7f4a_7c15
      return Self.mix(word)
    }
  }

  /// Continues a stored generator; nil unless there are four words, not all zero.
  package init?(state: [UInt64]) {
    guard state.count == 4, state.contains(where: { $0 != 0 }) else { return nil }
    self.state = state
  }

  /// As `init(state:)`: a generator without a state would end the process at its next number.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let source = RandomSource(state: try container.decode([UInt64].self, forKey: .state)) else {
      throw DecodingError.dataCorruptedError(
        forKey: .state, in: container,
        debugDescription: "a generator's state is four words, not all of them zero")
    }
    self = source
  }

  package mutating func next() -> UInt64 {
    let result = Self.rotate(state[1] &* 5, 7) &* 9
    let shifted = state[1] << 17
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = Self.rotate(state[3], 45)
    return result
  }

  /// Uniform in 0 ..< 1, in steps of 2^-53.
  package mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Uniform in `0 ..< bound`, without bias (Lemire 2019).
  package mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0)
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// Normal with mean 0 and deviation 1 (the polar method of Marsaglia; one of its two values is used, so that
  /// the state alone says where the sequence is).
  package mutating func normal() -> Double {
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let s = u * u + v * v
      if s > 0, s < 1 { return u * (-2 * naturalLogarithm(s) / s).squareRoot() }
    }
  }

  /// Fisher-Yates.
  package mutating func shuffle<Element>(_ values: inout [Element]) {
    var last = values.count - 1
    while last > 0 {
      values.swapAt(last, below(last + 1))
      last -= 1
    }
  }

  private static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
    (word << count) | (word >> (64 - count))
  }
}

/// The natural logarithm by exact argument reduction and the atanh series: the C library's differs in the last
/// bit between platforms, and a seeded sequence must not.
private func naturalLogarithm(_ x: Double) -> Double {
  var mantissa = x.significand
  var exponent = Double(x.exponent)
  if mantissa > 1.414_213_562_373_095_1 {
    mantissa /= 2
    exponent += 1
  }
  let t = (mantissa - 1) / (mantissa + 1)
  let square = t * t
  var power = t
  var sum = 0.0
  var divisor = 1.0
  while divisor < 26 {
    sum += power / divisor
    power *= square
    divisor += 2
  }
  return 2 * sum + exponent * 0.693_147_180_559_945_31
}
