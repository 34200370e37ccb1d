import Pixels

/// What a PNG's own colour chunks say, as `Metadata.pngColor` keeps them.
struct PNGColor {
  private var chunks: [String: [UInt8]] = [:]

  init(_ bytes: [UInt8]) {
    let content = Content(bytes)
    var reader = ByteReader(content)
    while let length = reader.bigEndian32(), let type = reader.range(4), let data = reader.range(length) {
      chunks[String(decoding: content[type], as: UTF8.self)] = content[data]
    }
  }

  /// Whether the samples are to be shown otherwise than as sRGB. Of the chunks the first in the order of PNG's third edition
  /// (4.3) counts: cICP, the profile, sRGB, then gAMA and cHRM.
  var isOtherThanSRGB: Bool {
    if chunks["cICP"] != nil { return overridesProfile }
    if chunks["sRGB"] != nil { return false }
    return !matches("gAMA", [45_455], within: 2_273)
      || !matches("cHRM", [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000], within: 1_000)
  }

  /// Whether the samples are to be shown otherwise than as a profile beside the chunks says. cICP goes before it; that of
  /// sRGB is taken to agree with it.
  var overridesProfile: Bool { chunks["cICP"].map { $0 != [1, 13, 0, 1] } ?? false }

  /// Whether a chunk has these values, as closely as libpng calls them equal; an absent one contradicts nothing.
  private func matches(_ type: String, _ values: [Int], within tolerance: Int) -> Bool {
    guard let bytes = chunks[type] else { return true }
    var reader = ByteReader(Content(bytes))
    return values.allSatisfy { value in
      reader.bigEndian32().map { abs($0 - value) <= tolerance } ?? false
    }
  }
}
