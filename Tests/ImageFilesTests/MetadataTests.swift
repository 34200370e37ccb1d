import ImageFiles
import Pixels
import TestSupport
import Testing

@Suite struct MetadataTests {
  private static func random(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = RandomSource(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
  }

  private static let xmp = Array("<?xpacket?><x:xmpmeta dc:title='\u{e9}'/>".utf8)

  @Test(arguments: [ImageFormat.png, .jpeg, .webp], [1, 3000, 65_519, 65_520, 400_000])
  func everythingIsKeptByteForByte(format: ImageFormat, profileSize: Int) throws {
    var image = TestPicture.smooth(width: 20, height: 10, layout: .rgb, depth: 8)
    image.metadata = Metadata(
      iccProfile: Self.random(profileSize, seed: 1),
      exif: ExifBuilder.block(orientation: 1, width: 20, height: 10), xmp: Self.xmp,
      resolution: Metadata.Resolution(x: 72, y: 72, unit: .inch))
    let bytes = try ImageFile.encode(image, as: format)
    let read = try ImageFile.read(bytes: bytes).metadata
    #expect(read.iccProfile == image.metadata.iccProfile)
    #expect(read.exif == image.metadata.exif)
    #expect(read.xmp == image.metadata.xmp)
    let resolution = try #require(read.resolution)
    let perInch = resolution.unit == .meter ? resolution.x * 0.0254 : resolution.x
    #expect(abs(perInch - 72) < 0.01)
    // Written again, the file is the same to the last byte but for lossy pixels.
    if format == .png { #expect(try ImageFile.encode(try ImageFile.read(bytes: bytes), as: .png) == bytes) }
  }

  @Test(arguments: [ImageFormat.png, .jpeg, .webp]) func strippingLeavesPixelsOnly(format: ImageFormat) throws
  {
    var image = TestPicture.smooth(width: 20, height: 10, layout: .rgb, depth: 8)
    let bare = try ImageFile.encode(image, as: format)
    image.metadata = Metadata(
      iccProfile: [1, 2, 3], exif: ExifBuilder.block(orientation: 1, width: 20, height: 10), xmp: Self.xmp,
      resolution: Metadata.Resolution(x: 300, y: 300, unit: .inch))
    #expect(try ImageFile.encode(image, as: format, options: EncodeOptions(metadata: .strip)) == bare)
    #expect(try ImageFile.read(bytes: bare).metadata == Metadata())
  }

  @Test func resolutionsSurvive() throws {
    let cases: [(Metadata.Resolution, [ImageFormat])] = [
      (Metadata.Resolution(x: 300, y: 300, unit: .inch), [.png, .jpeg, .webp]),
      (Metadata.Resolution(x: 11_811, y: 5906, unit: .meter), [.png, .webp]),
      (Metadata.Resolution(x: 118 * 100, y: 59 * 100, unit: .meter), [.jpeg]),
      (Metadata.Resolution(x: 3, y: 4, unit: .aspectRatio), [.png, .jpeg]),
    ]
    for (resolution, formats) in cases {
      for format in formats {
        var image = TestPicture.smooth(width: 20, height: 10, layout: .rgb, depth: 8)
        image.metadata.resolution = resolution
        let read = try #require(
          try ImageFile.read(bytes: ImageFile.encode(image, as: format)).metadata.resolution)
        func perMeter(_ value: Double, _ unit: Metadata.Resolution.Unit) -> Double {
          unit == .inch ? value / 0.0254 : value
        }
        #expect((read.unit == .aspectRatio) == (resolution.unit == .aspectRatio))
        let ratioX = perMeter(read.x, read.unit) / perMeter(resolution.x, resolution.unit)
        let ratioY = perMeter(read.y, read.unit) / perMeter(resolution.y, resolution.unit)
        #expect(abs(ratioX - 1) < 1e-4)
        #expect(abs(ratioY - 1) < 1e-4)
      }
    }
  }

  @Test func metadataThatAJPEGCannotHoldIsRefused() throws {
    var image = TestPicture.smooth(width: 20, height: 10, layout: .rgb, depth: 8)
    for metadata in [
      Metadata(exif: [UInt8](repeating: 0, count: 65_528)),
      Metadata(xmp: [UInt8](repeating: 32, count: 65_505)),
      Metadata(iccProfile: [UInt8](repeating: 0, count: 255 * 65_519 + 1)),
    ] {
      image.metadata = metadata
      #expect {
        try ImageFile.encode(image, as: .jpeg)
      } throws: { error in
        guard case .cannotHold(.jpeg, _, let advice)? = (error as? ImageFileError)?.cause else {
          return false
        }
        return advice.contains("leave the metadata out")
      }
      #expect(throws: Never.self) {
        try ImageFile.encode(image, as: .jpeg, options: EncodeOptions(metadata: .strip))
      }
    }
  }

  /// The longest of each that a JPEG has room for.
  @Test func metadataThatFillsAJPEGsSegmentsIsKept() throws {
    let exif = ExifBuilder.block(orientation: 1, width: 20, height: 10)
    var image = TestPicture.smooth(width: 20, height: 10, layout: .rgb, depth: 8)
    image.metadata = Metadata(
      iccProfile: [UInt8](repeating: 1, count: 255 * 65_519),
      exif: exif + [UInt8](repeating: 0, count: 65_527 - exif.count),
      xmp: [UInt8](repeating: 32, count: 65_504))
    let read = try ImageFile.read(bytes: ImageFile.encode(image, as: .jpeg)).metadata
    #expect(read.iccProfile == image.metadata.iccProfile)
    #expect(read.exif == image.metadata.exif)
    #expect(read.xmp == image.metadata.xmp)
  }

  /// Profiles of print shops are large; one byte more than the limit is taken for an attack.
  @Test func aPNGsProfileMayBeLargeUpToItsLimit() throws {
    var image = TestPicture.smooth(width: 4, height: 4, layout: .gray, depth: 8)
    for (count, isKept) in [(16 << 20, true), (16 << 20 + 1, false)] {
      image.metadata.iccProfile = [UInt8](repeating: 7, count: count)
      let read = try ImageFile.read(bytes: ImageFile.encode(image, as: .png)).metadata.iccProfile
      #expect(read?.count == (isKept ? count : nil))
    }
  }

  /// Other readers look at the flags of the extended header alone.
  @Test func aWebPsFlagsSayWhatIsInIt() throws {
    let exif = ExifBuilder.block(orientation: 1, width: 20, height: 10)
    for (layout, metadata, flags) in [
      (Image.Layout.rgba, Metadata(iccProfile: [1, 2], exif: exif, xmp: Self.xmp), 0x3c),
      (.rgb, Metadata(iccProfile: [1, 2]), 0x20), (.rgb, Metadata(exif: exif), 0x08),
      (.rgb, Metadata(xmp: Self.xmp), 0x04), (.rgba, Metadata(xmp: Self.xmp), 0x14),
    ] as [(Image.Layout, Metadata, UInt8)] {
      var image = TestPicture.noise(width: 20, height: 10, layout: layout, depth: 8)
      image.metadata = metadata
      let file = try ImageFile.encode(image, as: .webp)
      #expect(file[12..<20].elementsEqual("VP8X\u{a}\0\0\0".utf8) && file[20] == flags)
    }
  }

  /// Without the extended header the metadata would be lost, and the picture would seem whole.
  @Test(arguments: 12..<16) func aWebPWithAnotherBeginningIsDamage(position: Int) throws {
    var image = TestPicture.smooth(width: 20, height: 10, layout: .rgb, depth: 8)
    image.metadata.exif = ExifBuilder.block(orientation: 1, width: 20, height: 10)
    var file = try ImageFile.encode(image, as: .webp)
    file[position] ^= 0x10
    #expect(failure(reading: file)?.isCorrupt == true)
  }

  /// libpng refuses a profile that is longer than its header says, and what is no profile is nobody's to mend.
  @Test func whatLiesBehindAProfileStaysOutOfPNG() throws {
    var image = TestPicture.smooth(width: 20, height: 10, layout: .rgb, depth: 8)
    let profile = Pictures.profile()
    var unsigned = profile
    unsigned[36] = 0
    for stored in [profile, unsigned, Array(profile.prefix(190)), [1, 2, 3]] {
      let padded = stored + [0, 0, 0]
      image.metadata.iccProfile = padded
      for format in [ImageFormat.png, .jpeg, .webp] {
        let read = try ImageFile.read(bytes: ImageFile.encode(image, as: format)).metadata.iccProfile
        let isCut = format == .png && padded.starts(with: profile)
        #expect(read == (isCut ? profile : padded), "\(format)")
      }
    }
  }

  // MARK: - JPEG's numbered profile segments

  private static func jpeg(profileSegments: [(number: UInt8, count: UInt8, data: String)]) -> [UInt8] {
    JPEGBuilder(
      width: 8, height: 8, components: [JPEGBuilder.Component(value: 9)],
      segments: profileSegments.map {
        (0xe2, Array("ICC_PROFILE\0".utf8) + [$0.number, $0.count] + Array($0.data.utf8))
      }
    ).bytes
  }

  @Test func segmentsMayStandInAnyOrder() throws {
    let bytes = Self.jpeg(profileSegments: [(3, 3, "c"), (1, 3, "a"), (2, 3, "b")])
    #expect(try ImageFile.read(bytes: bytes).metadata.iccProfile == Array("abc".utf8))
  }

  @Test func segmentsThatContradictEachOtherAreNoProfile() throws {
    let cases: [[(number: UInt8, count: UInt8, data: String)]] = [
      [(1, 2, "a")], [(1, 2, "a"), (2, 3, "b")], [(1, 2, "a"), (1, 2, "b")], [(0, 1, "a")], [(2, 1, "a")],
      [(1, 2, "a"), (3, 2, "c")],
    ]
    for segments in cases {
      let bytes = Self.jpeg(profileSegments: segments)
      #expect(try ImageFile.read(bytes: bytes).metadata.iccProfile == nil)
      #expect(try ImageFile.header(bytes: bytes).leftOut == ["a damaged colour profile"])
    }
  }

  // MARK: - Chunks that make no sense cost no picture

  @Test func whatAPNGSaysOfItsColorsSurvives() throws {
    func stored(_ chunk: (String, [UInt8])) -> [UInt8] {
      PNGBuilder.word(chunk.1.count) + Array(chunk.0.utf8) + chunk.1
    }
    var builder = PNGBuilder(width: 4, height: 4, depth: 8, color: .rgb) { x, y, channel in
      10 * x + y + channel
    }
    let linear: (String, [UInt8]) = ("gAMA", [0, 1, 0x86, 0xa0])
    let rec2100: (String, [UInt8]) = ("cICP", [9, 16, 0, 1])
    let mastering: (String, [UInt8]) = ("mDCV", (1...24).map { UInt8($0) })
    let brightness: (String, [UInt8]) = ("cLLI", [0, 0x98, 0x96, 0x80, 0, 0x3d, 9, 0])
    builder.chunksBefore = [("sRGB", [0, 0]), brightness, rec2100, mastering, linear]
    let image = try ImageFile.read(bytes: builder.bytes)
    let again = try ImageFile.read(bytes: ImageFile.encode(image, as: .png))
    #expect(again == image)
    let expected = [rec2100, mastering, brightness, linear].flatMap(stored)
    #expect(again.metadata == Metadata(pngColor: expected), "and the sRGB chunk of two bytes is left out")
  }

  @Test func brokenMetadataIsLeftOut() throws {
    var builder = PNGBuilder(width: 4, height: 4, depth: 8, color: .gray) { x, y, _ in 10 * x + y }
    let plain = try ImageFile.read(bytes: builder.bytes)
    builder.chunksBefore = [
      ("iCCP", Array("name\0\0".utf8) + [1, 2, 3]), ("pHYs", [0, 0]), ("eXIf", [1, 2, 3, 4]),
      ("iTXt", Array("XML:com.adobe.xmp\0\u{1}\0\0\0".utf8) + [9, 9, 9]),
    ]
    #expect(try ImageFile.read(bytes: builder.bytes) == plain)
    #expect(
      try ImageFile.header(bytes: builder.bytes).leftOut
        == [
          "a colour profile that is damaged or too large", "XMP that is damaged or too large", "damaged EXIF",
        ])
    builder.chunksBefore = []
    #expect(try ImageFile.header(bytes: builder.bytes).leftOut == [])
    #expect(try ImageFile.header(bytes: builder.bytes + [0]).leftOut == ["bytes behind the end of the PNG"])
  }

  @Test func chunksThatAreNoneOfPNGsAreLeftOut() throws {
    let name = [UInt8](repeating: UInt8(ascii: "n"), count: 79)
    let xmp = Array("XML:com.adobe.xmp\0".utf8)
    let cases: [(String, [UInt8], Metadata)] = [
      // A profile's name has at most 79 bytes, and then a method, of which there is one.
      ("iCCP", name + [0, 0] + PNGBuilder.zlib([1, 2]), Metadata(iccProfile: [1, 2])),
      ("iCCP", name + [110, 0, 0] + PNGBuilder.zlib([1, 2]), Metadata()),
      ("iCCP", name + [0, 1] + PNGBuilder.zlib([1, 2]), Metadata()),
      ("iTXt", xmp + [1, 0, 0, 0] + PNGBuilder.zlib([60, 62]), Metadata(xmp: [60, 62])),
      ("iTXt", xmp + [1, 1, 0, 0] + PNGBuilder.zlib([60, 62]), Metadata()),
      (
        "pHYs", [0, 0, 3, 0, 0, 0, 4, 0, 1],
        Metadata(resolution: Metadata.Resolution(x: 768, y: 1024, unit: .meter))
      ),
      ("pHYs", [0, 0, 3, 0, 0, 0, 4, 0, 2], Metadata()),
      ("pHYs", [0, 0, 3, 0, 0, 0, 4, 0, 1, 0], Metadata()),
      ("pHYs", [0, 0, 3, 0, 0, 0, 0, 0, 1], Metadata()),
    ]
    for (type, data, expected) in cases {
      var builder = PNGBuilder(width: 4, height: 4, depth: 8, color: .gray) { x, y, _ in 10 * x + y }
      builder.chunksBefore = [(type, data)]
      #expect(try ImageFile.header(bytes: builder.bytes).metadata == expected, "\(type) \(data)")
    }
  }

  /// What writers of long XMP leave in the segment that others read: as much as it can hold, padding included.
  @Test func aJPEGsFullPacketOfXMPStaysOneAtAnotherSize() throws {
    func packet(_ side: Int) -> [UInt8] {
      let text = #"<x exif:PixelXDimension="\#(side)" exif:PixelYDimension="\#(side)"/>"#
      let trailer = #"<?xpacket end="w"?>"#
      let padding = 65_504 - text.utf8.count - trailer.utf8.count
      return Array((text + String(repeating: " ", count: padding) + trailer).utf8)
    }
    var image = TestPicture.smooth(width: 60, height: 60, layout: .rgb, depth: 8)
    image.metadata.xmp = packet(60)
    let read = try ImageFile.read(bytes: ImageFile.encode(image, as: .jpeg))
    let grown = read.metadata.updated(for: Size(width: 240, height: 240))
    #expect(grown.xmp == packet(240))
  }

  @Test func xmpAfterThePixelsAndCompressedIsFound() throws {
    var builder = PNGBuilder(width: 4, height: 4, depth: 8, color: .gray) { x, y, _ in 10 * x + y }
    builder.chunksAfter = [
      ("iTXt", Array("XML:com.adobe.xmp\0\u{1}\0\0\0".utf8) + PNGBuilder.zlib(Self.xmp)),
      ("eXIf", ExifBuilder.block(orientation: 3, width: 4, height: 4)),
    ]
    let image = try ImageFile.read(bytes: builder.bytes)
    #expect(image.metadata.xmp == Self.xmp)
    let turned = (0..<16).map { (pixel: Int) -> Int in 10 * (3 - pixel % 4) + 3 - pixel / 4 }
    #expect(image.values == turned)
  }
}
