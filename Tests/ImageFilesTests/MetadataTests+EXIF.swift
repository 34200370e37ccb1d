import ImageFiles
import Pixels
import TestSupport
import Testing

/// What is found in EXIF, and changed in it.
extension MetadataTests {
  @Test func exifInAPNGsOtherFormsIsFound() throws {
    let block = Array("Exif\0\0".utf8) + ExifBuilder.block(orientation: 3, width: 4, height: 4)
    let digits = block.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    let text = "\nexif\n    \(block.count)\n" + digits[..<30].joined() + "\n" + digits[30...].joined() + "\n"
    let keyword = Array("Raw profile type exif\0".utf8)
    for chunk in [
      ("eXIf", block), ("zTXt", keyword + [0] + PNGBuilder.zlib(Array(text.utf8))),
      ("tEXt", keyword + text.utf8),
      ("tEXt", Array("Raw profile type APP1\0".utf8) + text.utf8),
    ] {
      var builder = PNGBuilder(width: 4, height: 4, depth: 8, color: .gray) { x, y, _ in 10 * x + y }
      builder.chunksBefore = [chunk]
      let image = try ImageFile.read(bytes: builder.bytes)
      #expect(image.values == (0..<16).map { 10 * (3 - $0 % 4) + 3 - $0 / 4 }, "\(chunk.0)")
      #expect(image.metadata.exif == ExifBuilder.block(orientation: 1, width: 4, height: 4), "\(chunk.0)")
    }
    // Nor is what no camera writes, before its digits are looked at.
    var long = PNGBuilder(width: 4, height: 4, depth: 8, color: .gray) { x, y, _ in 10 * x + y }
    let spaces = [UInt8](repeating: 0x20, count: 1 << 20)
    for chunk in [
      ("tEXt", keyword + text.utf8 + spaces), ("zTXt", keyword + [0] + PNGBuilder.zlib(text.utf8 + spaces)),
    ] {
      long.chunksBefore = [chunk]
      #expect(try ImageFile.read(bytes: long.bytes).metadata.exif == nil, "\(chunk.0)")
    }
    // Nor is a count that twice as many digits as there are numbers could not match.
    for count in ["\(Int.max)", "\(Int.max / 2 + 1)", "-1", "0", "99999999999999999999"] {
      for kind in ["exif", "APP1", "xmp"] {
        let text = "Raw profile type \(kind)\0\n\(kind)\n \(count)\n4578696600\n"
        long.chunksBefore = [("tEXt", Array(text.utf8))]
        #expect(try ImageFile.read(bytes: long.bytes).metadata == Metadata(), "\(kind) \(count)")
      }
    }
    // Too few digits are no block.
    var builder = PNGBuilder(width: 4, height: 4, depth: 8, color: .gray) { x, y, _ in 10 * x + y }
    builder.chunksBefore = [("tEXt", keyword + text.utf8.dropLast(3))]
    #expect(try ImageFile.read(bytes: builder.bytes).metadata.exif == nil)
  }

  /// Where the tag of a thumbnail's place has not followed the thumbnail, its place is something else's.
  @Test func aThumbnailIsOnlyRemovedFromWhereItIs() throws {
    let main = ExifBuilder.block(orientation: 1, width: 4, height: 4)
    // The link to the next directory stands behind five entries; two entries of it and the thumbnail behind the block.
    let directory = main.count
    let picture: [UInt8] = [0xff, 0xd8, 7, 7, 7, 7, 7, 0xff, 0xd9]
    func block(thumbnailAt start: Int) -> [UInt8] {
      func entry(_ tag: UInt8, _ value: Int) -> [UInt8] {
        [2, tag, 0, 4, 0, 0, 0, 1] + PNGBuilder.word(value)
      }
      let entries = [0, 2] + entry(1, start) + entry(2, picture.count) + PNGBuilder.word(0)
      return Array(main[..<70]) + PNGBuilder.word(directory) + main[74...] + entries + picture
        + Array("notes".utf8)
    }
    func read(_ exif: [UInt8]) throws -> [UInt8]? {
      var builder = PNGBuilder(width: 4, height: 4, depth: 8, color: .gray) { x, y, _ in 10 * x + y }
      builder.chunksBefore = [("eXIf", exif)]
      return try ImageFile.header(bytes: builder.bytes).metadata.exif
    }
    let start = directory + 2 + 24 + 4
    let good = block(thumbnailAt: start)
    #expect(
      try read(good)
        == main + good[directory..<start] + [UInt8](repeating: 0, count: picture.count) + Array("notes".utf8))
    for wrong in [start - 20, start + 3, 74, 90] {
      let stale = block(thumbnailAt: wrong)
      #expect(try read(stale) == main + stale[directory...], "\(wrong)")
    }
    // Nor where something else's bytes happen to begin like one, here the EXIF directory's.
    var odd = block(thumbnailAt: 90)
    odd.replaceSubrange(90..<92, with: [0xff, 0xd8])
    #expect(try read(odd)?[90..<92] == [0xff, 0xd8])
  }

  @Test func anOrientationThatMeansNothingBecomesUpright() throws {
    for orientation in [0, 9] {
      var builder = PNGBuilder(width: 4, height: 4, depth: 8, color: .gray) { x, y, _ in 10 * x + y }
      builder.chunksBefore = [("eXIf", ExifBuilder.block(orientation: orientation, width: 4, height: 4))]
      let image = try ImageFile.read(bytes: builder.bytes)
      #expect(image.values == (0..<16).map { 10 * ($0 % 4) + $0 / 4 })
      #expect(image.metadata.exif == ExifBuilder.block(orientation: 1, width: 4, height: 4))
    }
  }

  /// Inches where it is not said.
  @Test func anEXIFResolutionHasAUnit() throws {
    typealias Resolution = Metadata.Resolution
    let units: [(UInt8?, Resolution?)] = [
      (nil, Resolution(x: 72, y: 72, unit: .inch)), (1, Resolution(x: 72, y: 72, unit: .aspectRatio)),
      (2, Resolution(x: 72, y: 72, unit: .inch)), (3, Resolution(x: 7200, y: 7200, unit: .meter)), (4, nil),
    ]
    for (unit, expected) in units {
      var exif = ExifBuilder.block(orientation: 1, width: 4, height: 4)
      // The fourth entry.
      if let unit { exif[55] = unit } else { exif[47] = 0x29 }
      var builder = PNGBuilder(width: 4, height: 4, depth: 8, color: .gray) { x, y, _ in 10 * x + y }
      builder.chunksBefore = [("eXIf", exif)]
      #expect(try ImageFile.header(bytes: builder.bytes).metadata.resolution == expected)
    }
  }

  /// A WebP has no field for it but EXIF's, in either order of bytes.
  @Test func aWebPGetsItsResolutionIntoExifThatHasNone() throws {
    let big: [UInt8] = [
      0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x0f, 0, 2, 0, 0, 0, 3, 0x43, 0x61, 0, 0, 0, 0, 0, 0,
    ]
    let little: [UInt8] = [
      0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x0f, 1, 2, 0, 3, 0, 0, 0, 0x43, 0x61, 0, 0, 0, 0, 0, 0,
    ]
    for exif in [big, little] {
      var image = TestPicture.smooth(width: 20, height: 10, layout: .rgb, depth: 8)
      image.metadata = Metadata(exif: exif, resolution: Metadata.Resolution(x: 300, y: 150, unit: .inch))
      let read = try ImageFile.read(bytes: ImageFile.encode(image, as: .webp)).metadata
      #expect(read.resolution == image.metadata.resolution)
      // The maker, three bytes in the entry itself, is still there.
      let block = try #require(read.exif)
      #expect(Array(block.prefix(4)) == Array(exif.prefix(4)))
      #expect(block.indices.contains { block[$0...].starts(with: exif[10..<22]) })
    }
  }
}
