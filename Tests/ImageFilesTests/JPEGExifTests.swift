import ImageFiles
import Pixels
import Testing

/// EXIF that is not in one whole segment of a JPEG.
@Suite struct JPEGExifTests {
  private static let good = Array("Exif\0\0".utf8) + ExifBuilder.block(orientation: 6, width: 16, height: 8)
  private static let upright = ExifBuilder.block(orientation: 1, width: 8, height: 16)

  private static func header(_ segments: [[UInt8]]) throws -> ImageHeader {
    try ImageFile.header(
      bytes: JPEGBuilder(
        width: 16, height: 8, components: [JPEGBuilder.Component(value: 9)],
        segments: segments.map { (0xe1, $0) }
      ).bytes)
  }

  @Test(arguments: ["", "\0", "\0II*", "\0no block"].map { Array("Exif\0\($0)".utf8) })
  func theFirstReadableSegmentCounts(other: [UInt8]) throws {
    for segments in [[other, Self.good], [Self.good, other]] {
      let header = try Self.header(segments)
      #expect(header.orientation == .turnRight && header.size == Size(width: 8, height: 16))
      #expect(header.metadata.exif == Self.upright)
      #expect(header.leftOut == (other.count <= 6 ? [] : ["EXIF in another segment"]))
    }
    #expect(try Self.header([other]).leftOut == ["damaged EXIF"])
  }

  @Test func theIdentifiersLastByteMayBeAny() throws {
    let header = try Self.header([Self.good[..<5] + [0xff] + Self.good[6...]])
    #expect(header.orientation == .turnRight && header.metadata.exif == Self.upright)
    #expect(header.leftOut == [])
  }
}
