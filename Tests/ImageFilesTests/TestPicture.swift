import Pixels

/// Pictures made by code, the same ones in every run.
enum TestPicture {
  /// Independent samples over the whole range.
  static func noise(width: Int, height: Int, layout: Image.Layout, depth: Int, seed: UInt64 = 1) -> Image {
    var random = SplitMix64(state: seed)
    return picture(width, height, layout, depth) { _, _, _ in Double(random.next() >> 11) / 0x1p53 }
  }

  /// Slow ramps, another one in each channel.
  static func smooth(width: Int, height: Int, layout: Image.Layout, depth: Int) -> Image {
    picture(width, height, layout, depth) { x, y, channel in
      let (u, v) = (Double(x) / Double(max(width - 1, 1)), Double(y) / Double(max(height - 1, 1)))
      return switch channel {
      case 0: 0.1 + 0.8 * u
      case 1: 0.9 - 0.7 * v
      case 2: 0.2 + 0.3 * u + 0.3 * v
      default: 1 - 0.5 * u * v
      }
    }
  }

  static func greatestDifference(_ a: Image, _ b: Image) -> Int {
    zip(a.values, b.values).map { abs($0 - $1) }.max() ?? 0
  }

  private static func picture(
    _ width: Int, _ height: Int, _ layout: Image.Layout, _ depth: Int, _ value: (Int, Int, Int) -> Double
  ) -> Image {
    var values: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<layout.channels { values.append(value(x, y, channel)) }
      }
    }
    return Image(
      width: width, height: height, layout: layout,
      samples: depth == 16
        ? .uint16(values.map { UInt16($0 * 65_535 + 0.5) }) : .uint8(values.map { UInt8($0 * 255 + 0.5) }))
  }
}

extension Image {
  /// The samples as whole numbers of either depth.
  var values: [Int] {
    switch samples {
    case .uint8(let samples): samples.map(Int.init)
    case .uint16(let samples): samples.map(Int.init)
    }
  }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
