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

extension Image.Samples {
  /// The samples as whole numbers, of either depth.
  public var values: [Int] {
    switch self {
    case .uint8(let values): values.map(Int.init)
    case .uint16(let values): values.map(Int.init)
    }
  }
}
