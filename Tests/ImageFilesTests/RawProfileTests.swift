import ImageFiles
import Pixels
import Testing

/// Blocks that are texts of hexadecimal digits in a PNG.
@Suite struct RawProfileTests {
  private static let packet = Array("<x a='1'/>".utf8)
  private static let xmpSegment = Array("http://ns.adobe.com/xap/1.0/\0".utf8) + packet
  private static let profile = (0..<200).map { UInt8($0) }

  private static func text(_ kind: String, _ block: [UInt8], count: Int? = nil) -> (String, [UInt8]) {
    let digits = block.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return (
      "tEXt", Array("Raw profile type \(kind)\0\n\(kind)\n  \(count ?? block.count)\n\(digits)\n".utf8)
    )
  }

  private static func header(_ chunks: [(String, [UInt8])]) throws -> ImageHeader {
    var builder = PNGBuilder(width: 4, height: 4, depth: 8, color: .gray) { x, y, _ in 10 * x + y }
    builder.chunksBefore = chunks
    return try ImageFile.header(bytes: builder.bytes)
  }

  @Test(arguments: ["exif", "APP1"], ["Exif\0\0", "Exif\0\u{1}", ""].map { Array($0.utf8) })
  func exifNeedsNoPrefix(kind: String, prefix: [UInt8]) throws {
    let block = ExifBuilder.block(orientation: 6, width: 4, height: 4)
    let header = try Self.header([Self.text(kind, prefix + block)])
    #expect(header.orientation == .turnRight)
    #expect(header.metadata.exif == ExifBuilder.block(orientation: 1, width: 4, height: 4))
    #expect(header.leftOut == [])
  }

  @Test func anAPP1SegmentMayBeXMP() throws {
    let header = try Self.header([Self.text("APP1", Self.xmpSegment)])
    #expect(header.metadata == Metadata(xmp: Self.packet))
    #expect(header.leftOut == [])
    let exif = ExifBuilder.block(orientation: 1, width: 4, height: 4)
    let both = try Self.header([Self.text("APP1", Self.xmpSegment), Self.text("exif", exif)])
    #expect(both.metadata.exif == exif && both.metadata.xmp == Self.packet)
  }

  @Test(arguments: ["icc", "icm"]) func aProfileCounts(kind: String) throws {
    let header = try Self.header([Self.text(kind, Self.profile)])
    #expect(header.metadata == Metadata(iccProfile: Self.profile))
    #expect(header.leftOut == [])
    let chunk = ("iCCP", Array("name\0\0".utf8) + PNGBuilder.zlib([1, 2, 3]))
    #expect(try Self.header([Self.text(kind, Self.profile), chunk]).metadata.iccProfile == [1, 2, 3])
  }

  @Test func whatGivesNothingIsSaid() throws {
    for (kind, block) in [
      ("exif", Array("no block".utf8)), ("APP1", Array("no block".utf8)), ("APP1", Array("Exif".utf8)),
      ("exif", Self.xmpSegment), ("iptc", Self.packet), ("8bim", Self.packet), ("iccp", Self.profile),
    ] {
      let header = try Self.header([Self.text(kind, block)])
      #expect(header.metadata == Metadata() && header.leftOut == ["its texts"], "\(kind)")
    }
    for kind in ["exif", "APP1", "xmp", "icc", "icm"] {
      let header = try Self.header([Self.text(kind, Self.xmpSegment, count: 7)])
      #expect(header.metadata == Metadata() && header.leftOut == ["its texts"], "\(kind)")
    }
    // Of two of a kind, the second.
    let second = try Self.header([Self.text("xmp", Self.packet), Self.text("xmp", Self.xmpSegment)])
    #expect(second.metadata.xmp == Self.packet && second.leftOut == ["its texts"])
    #expect(try Self.header([Self.text("exif", Array("Exif\0\0no block".utf8))]).leftOut == ["damaged EXIF"])
  }
}
