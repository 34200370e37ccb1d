import ImageFiles
import Pixels

/// Small files of every kind that is read, made by this project's own code: where mutants and prefixes come from.
enum Seeds {
  struct Seed: Sendable, CustomStringConvertible {
    let description: String
    let bytes: [UInt8]
  }

  static func all() throws -> [Seed] { png + jpeg + (try webp()) + bmp }

  static let png: [Seed] = {
    let kinds: [(PNGBuilder.Color, Int, Bool)] = [
      (.gray, 1, false), (.gray, 16, true), (.rgb, 8, false), (.rgb, 8, true), (.palette, 4, false),
      (.grayAlpha, 8, true), (.rgba, 16, false),
    ]
    return kinds.map { Seed(description: "png \($0)", bytes: builder($0, $1, isInterlaced: $2).bytes) }
  }()

  static func builder(_ color: PNGBuilder.Color, _ depth: Int, isInterlaced: Bool) -> PNGBuilder {
    var builder = PNGBuilder(width: 11, height: 9, depth: depth, color: color) { x, y, channel in
      (x * 7 + y * 13 + channel * 5) % (1 << depth)
    }
    builder.isInterlaced = isInterlaced
    if color == .palette {
      builder.chunksBefore = [("PLTE", (0..<48).map { UInt8($0 * 5) }), ("tRNS", [0, 128])]
    }
    return builder
  }

  static let jpeg: [Seed] = {
    typealias Component = JPEGBuilder.Component
    let color = [Component(h: 2, v: 2, value: 90), Component(value: 100), Component(value: 160)]
    let builders = [
      JPEGBuilder(width: 20, height: 17, components: [Component(value: 40)]),
      JPEGBuilder(width: 20, height: 17, components: color),
      JPEGBuilder(width: 40, height: 33, components: color, restartInterval: 1),
      JPEGBuilder(width: 20, height: 17, components: color, frameCode: 0xc2, extraScans: 4),
      JPEGBuilder(width: 20, height: 17, components: color + [Component(value: 9)], adobeTransform: 2),
    ]
    var long = TestPicture.smooth(width: 8, height: 8, layout: .gray, depth: 8)
    long.metadata.xmp = Array("<x xmpNote:HasExtendedXMP='0123456789ABCDEF0123456789ABCDEF'/>".utf8)
    long.metadata.extendedXMP = Array("<y/>".utf8)
    long.metadata.iptc = [0x1c, 2, 120, 0, 1, UInt8(ascii: "a")]
    let extended = [try? ImageFile.encode(long, as: .jpeg)].compactMap(\.self)
    let drawn = [EncodeOptions(quality: 80), EncodeOptions(quality: 95, progressive: true)].compactMap {
      try? ImageFile.encode(
        TestPicture.noise(width: 19, height: 14, layout: .rgb, depth: 8), as: .jpeg, options: $0)
    }
    return (builders.map(\.bytes) + drawn + extended).enumerated().map {
      Seed(description: "jpeg \($0)", bytes: $1)
    }
  }()

  static func webp() throws -> [Seed] {
    var image = TestPicture.smooth(width: 19, height: 14, layout: .rgba, depth: 8)
    let opaque = TestPicture.smooth(width: 19, height: 14, layout: .rgb, depth: 8)
    let plain = try [
      ImageFile.encode(opaque, as: .webp), ImageFile.encode(image, as: .webp),
      ImageFile.encode(opaque, as: .webp, options: EncodeOptions(lossless: true)),
      WebPBuilder.animation(opaque.size, [(0, 0, opaque), (0, 0, opaque)]),
    ]
    image.metadata = Metadata(
      iccProfile: [1, 2, 3], exif: ExifBuilder.block(orientation: 6, width: 19, height: 14), xmp: [60, 62])
    let full = try ImageFile.encode(image, as: .webp)
    return (plain + [full]).enumerated().map { Seed(description: "webp \($0)", bytes: $1) }
  }

  static let bmp: [Seed] = [8, 24, 32].map { bits in
    func little(_ value: Int, _ count: Int) -> [UInt8] { WebPBuilder.little(value, bytes: count) }
    var palette: [UInt8] = []
    if bits == 8 {
      for index in 0..<16 { palette += [UInt8(index * 9), UInt8(index * 5), UInt8(index), 0] }
    }
    let rowBytes = (7 * bits + 31) / 32 * 4
    let offset = 54 + palette.count
    let fields: [(Int, Int)] = [
      (offset + 5 * rowBytes, 4), (0, 4), (offset, 4), (40, 4), (7, 4), (5, 4), (1, 2), (bits, 2), (0, 4),
      (0, 4), (2835, 4), (2835, 4), (bits == 8 ? 16 : 0, 4), (0, 4),
    ]
    var bytes = Array("BM".utf8)
    for (value, count) in fields { bytes += little(value, count) }
    bytes += palette
    for index in 0..<5 * rowBytes { bytes.append(UInt8(index % 16)) }
    return Seed(description: "bmp \(bits)", bytes: bytes)
  }
}
