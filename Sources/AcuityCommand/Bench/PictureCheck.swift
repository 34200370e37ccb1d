import Acuity

/// An upscaled picture held against the definition: its luma at points against bicubic interpolation and the network in
/// Double, and the encoded file against the picture where the format keeps every bit.
struct PictureCheck: CustomStringConvertible {
  /// In levels of 8 bits; infinite if the file does not hold the picture.
  let largestError: Double
  private let points: Int
  private let isLossless: Bool

  /// Luma of whole-number colours is off by as much as their rounding: half a level of luma in studio range, and what the
  /// network's own rounding errors add.
  static let bound = 0.55

  var passes: Bool { largestError <= Self.bound }

  var description: String {
    "luma within \(Text.fixed(largestError, 2)) levels of sums in Double at \(points) points"
      + (isLossless ? ", decoded again to the same bits" : "")
  }

  init(of result: Image, encoded: [UInt8], from picture: Image, by model: Model) throws {
    let decoded = try ImageFile.read(bytes: encoded)
    isLossless = try ImageFile.header(bytes: encoded).format == .png
    if isLossless, decoded.samples != result.samples {
      (largestError, points) = (.infinity, 0)
      return
    }
    // Colours behind which something shows are weighted by alpha: another definition, tested elsewhere.
    guard picture.isOpaque else {
      (largestError, points) = (0, 0)
      return
    }
    let luma = YCbCr(picture.asColor(), rounded: false).luma
    let convention = model.lumaConvention
    let bicubic = luma.resized(to: result.size).plane(convention)
    let color = result.asColor()
    let computed = YCbCr(color, rounded: false).luma
    let reference = ReferenceNetwork(model)
    var worst = 0.0
    var count = 0
    // Colours at the end of their range have been clipped, and their luma says nothing.
    for (x, y) in Self.points(result.size) where color.isWithinRange(x, y) {
      let exact = convention.level(ofValue: reference.value(bicubic, x: x, y: y))
      worst = max(worst, abs(computed.samples[y * computed.width + x] - exact))
      count += 1
    }
    (largestError, points) = (worst, count)
  }

  private static func points(_ size: Size) -> [(Int, Int)] {
    let (right, bottom) = (size.width - 1, size.height - 1)
    return [(0, 0), (right, 0), (right / 2, bottom / 2), (right / 3, bottom), (right, bottom)]
  }
}

extension Image {
  /// Without alpha; gray as equal colours.
  fileprivate func asColor() -> Image {
    let channels = layout.channels
    func color<Sample>(_ samples: [Sample]) -> [Sample] {
      (0..<width * height).flatMap { pixel in
        let at = pixel * channels
        return layout.isGray
          ? [samples[at], samples[at], samples[at]] : [samples[at], samples[at + 1], samples[at + 2]]
      }
    }
    let colors: Samples =
      switch samples {
      case .uint8(let values): .uint8(color(values))
      case .uint16(let values): .uint16(color(values))
      }
    return Image(width: width, height: height, layout: .rgb, samples: colors)
  }

  fileprivate func isWithinRange(_ x: Int, _ y: Int) -> Bool {
    let at = 3 * (y * width + x)
    switch samples {
    case .uint8(let values): return values[at..<at + 3].allSatisfy { $0 > 0 && $0 < 255 }
    case .uint16(let values): return values[at..<at + 3].allSatisfy { $0 > 0 && $0 < 65535 }
    }
  }
}
