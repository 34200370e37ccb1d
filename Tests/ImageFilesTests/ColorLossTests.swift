import ImageFiles
import Pixels
import Testing

@Suite struct ColorLossTests {
  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    PNGBuilder.word(data.count) + Array(type.utf8) + data
  }

  private static func gamma(_ value: Int) -> [UInt8] { chunk("gAMA", PNGBuilder.word(value)) }

  private static func chromaticities(_ values: [Int]) -> [UInt8] {
    chunk("cHRM", values.flatMap { PNGBuilder.word($0) })
  }

  private static let sRGB = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000]
  private static let displayP3 = [31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000]

  /// What a PNG says of its colours, and whether that is another thing than sRGB.
  private static let cases: [([UInt8], Bool)] = [
    ([], false), (chunk("sRGB", [0]), false), (gamma(45_455), false), (gamma(45_000), false),
    (gamma(100_000), true), (gamma(55_556), true), (chromaticities(sRGB), false),
    (chromaticities(sRGB.map { $0 + 9 }), false), (chromaticities(displayP3), true),
    (gamma(45_455) + chromaticities(displayP3), true), (chunk("sRGB", [1]) + gamma(100_000), false),
    (chunk("cICP", [1, 13, 0, 1]), false), (chunk("cICP", [9, 16, 0, 1]), true),
    (chunk("cICP", [9, 16, 0, 1]) + chunk("sRGB", [0]), true),
    (chunk("cICP", [1, 13, 0, 1]) + gamma(100_000), false), (chunk("gAMA", [1]), true),
  ]

  @Test(arguments: cases) func colorsThatOnlyAPNGStates(color: [UInt8], isOther: Bool) {
    for format in [ImageFormat.jpeg, .webp] {
      #expect(format.losses(Metadata(pngColor: color)).isEmpty == !isOther)
    }
    #expect(ImageFormat.png.losses(Metadata(pngColor: color)).isEmpty)
  }

  /// The profile says it, unless cICP says otherwise, which goes before it.
  @Test(arguments: cases) func colorsThatAPNGStatesBesideAProfile(color: [UInt8], isOther: Bool) {
    let isOverride = isOther && color.dropFirst(4).starts(with: Array("cICP".utf8))
    let metadata = Metadata(iccProfile: [1], pngColor: color)
    for format in [ImageFormat.jpeg, .webp] {
      #expect(
        format.losses(metadata).map { $0.part.contains("beside its profile") } == (isOverride ? [true] : []))
    }
    #expect(ImageFormat.png.losses(metadata).isEmpty)
  }
}
