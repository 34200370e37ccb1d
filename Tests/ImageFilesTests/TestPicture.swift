import Pixels
import TestSupport

/// Pictures made by code, the same ones in every run.
enum TestPicture {
  /// Independent samples over the whole range.
  static func noise(width: Int, height: Int, layout: Image.Layout, depth: Int, seed: UInt64 = 1) -> Image {
    Pictures.noise(width: width, height: height, layout: layout, depth: depth, seed: seed)
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
  var values: [Int] { samples.values }
}
