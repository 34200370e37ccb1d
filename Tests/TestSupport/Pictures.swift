public import Pixels

/// Seeded test inputs.
public enum Pictures {
  /// Independent uniform noise in 0...1: every sample differs from its neighbours.
  public static func noise(width: Int, height: Int, seed: UInt64) -> Plane {
    var random = RandomSource(seed: seed)
    let pixels = (0..<width * height).map { _ in Float(random.uniform()) }
    return Plane(width: width, height: height, pixels: pixels)
  }

  /// A picture of noise in every channel, alpha too.
  public static func noise(
    width: Int, height: Int, layout: Image.Layout, depth: Int = 8, seed: UInt64
  ) -> Image {
    var random = RandomSource(seed: seed)
    let count = width * height * layout.channels
    let samples: Image.Samples =
      if depth == 16 {
        .uint16((0..<count).map { _ in UInt16(truncatingIfNeeded: random.next()) })
      } else {
        .uint8((0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
      }
    return Image(width: width, height: height, layout: layout, samples: samples)
  }
}

extension Pictures {
  /// A colour profile of at least 129 bytes: a header, and noise behind it.
  public static func profile(of space: String = "RGB ", count: Int = 200) -> [UInt8] {
    var random = RandomSource(seed: UInt64(count))
    var result = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    for index in 0..<4 { result[index] = UInt8(truncatingIfNeeded: count >> (24 - 8 * index)) }
    result.replaceSubrange(16..<20, with: space.utf8)
    result.replaceSubrange(36..<40, with: "acsp".utf8)
    return result
  }
}

extension Image.Samples {
  /// The samples as whole numbers, of either depth.
  public var values: [Int] {
    switch self {
    case .uint8(let values): values.map(Int.init)
    case .uint16(let values): values.map(Int.init)
    }
  }
}
