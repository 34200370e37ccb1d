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

  @Test func whatIsNotKeptIsNamed() throws {
    func leftOut(_ code: UInt8, _ identifier: String, _ data: [UInt8]) throws -> [String] {
      try ImageFile.header(
        bytes: JPEGBuilder(
          width: 8, height: 8, components: [JPEGBuilder.Component(value: 9)],
          segments: [(code, Array(identifier.utf8) + data)]
        ).bytes
      ).leftOut
    }
    for (code, identifier, data, what) in [
      (0xfe, "a comment", [], "its comment"), (0xfe, "", [], nil), (0xe4, "", [], nil),
      (0xe2, "MPF\0", [0x4d, 0x4d, 0, 42], "its further pictures (MPF)"),
      (0xe2, "MPF", [0x4d, 0x4d, 0, 42], "its data in APP2"),
      (0xe2, "urn:iso:std:iso:ts:21496:-1\0", [0, 0, 0, 0], "its gain map"),
      (0xe1, "FLIR\0", [1, 0, 0], "its thermal data (FLIR)"), (0xe1, "QVCI\0", [1], "its data in APP1"),
      (0xe3, "Meta\0\0", [0x49, 0x49, 42, 0], "its data in APP3"),
      (0xeb, "HDR_RI ver=11", [], "its high dynamic range (JPEG-HDR)"),
      (0xed, "Adobe_CM\0", [1], "its data in APP13"), (0xef, "Q 90", [], "its data in APP15"),
      (0xec, "Ducky\0\u{1}\0\u{4}\0\0\0<\0\0", [], nil),
      (0xec, "Ducky\0\u{1}\0\u{4}\0\0\0<\0\u{2}\0\u{8}\0\0\0\u{2}\0h\0i\0\0", [], "its data in APP12"),
      (0xe0, "JFXX\0", [0x10, 1], nil), (0xe0, "AVI1", [1, 0, 0], nil),
      (0xe0, "Ocad$Rev:", [], "its data in APP0"),
      (0xee, "Adobe", [0, 100, 0, 0, 0, 0, 1], nil), (0xee, "Other", [], "its data in APP14"),
    ] as [(UInt8, String, [UInt8], String?)] {
      #expect(try leftOut(code, identifier, data) == (what.map { [$0] } ?? []), "\(identifier)")
    }

    var builder = PNGBuilder(width: 4, height: 4, depth: 8, color: .gray) { x, y, _ in 10 * x + y }
    for (type, text, isNamed) in [
      ("tEXt", "Author\0me", true), ("zTXt", "Author\0\0", true), ("iTXt", "Author\0\0\0\0\0me", true),
      ("tEXt", "", true), ("tEXt", "Raw profile type iptc\0", true), ("tIME", "1234567", false),
      ("tEXt", "Raw profile type exif\0", true), ("iTXt", "XML:com.adobe.xmp\0\0\0\0\0<x/>", false),
    ] {
      builder.chunksAfter = [(type, Array(text.utf8))]
      #expect(try ImageFile.header(bytes: builder.bytes).leftOut == (isNamed ? ["its texts"] : []), "\(text)")
    }
    for (type, isNamed) in [
      ("mkBF", true), ("prVW", true), ("vpAg", false), ("caNv", false), ("bKGD", false), ("tIME", false),
      ("acTL", false),
    ] {
      builder.chunksAfter = [(type, [1, 2, 3])]
      #expect(
        try ImageFile.header(bytes: builder.bytes).leftOut == (isNamed ? ["chunks of other programs"] : []))
    }

    let plain = try ImageFile.read(bytes: builder.bytes)
    let still = try ImageFile.encode(plain, as: .webp, options: EncodeOptions(lossless: true))
    for (type, isNamed) in [("ABCD", true), ("EXIF", false)] {
      let webp = WebPBuilder.file([
        WebPBuilder.extended(Size(width: 4, height: 4), flags: 0),
        ("VP8L", Array(still[20...])), (type, ExifBuilder.block(orientation: 1, width: 4, height: 4)),
      ])
      #expect(try ImageFile.header(bytes: webp).leftOut == (isNamed ? ["chunks of other programs"] : []))
    }
  }

  /// Once each, and what is told by a segment and by XMP too.
  @Test func whatSeveralSegmentsHoldIsNamedOnce() throws {
    let packet = Array("http://ns.adobe.com/xap/1.0/\0<x hdrgm:Version='1.0'/>".utf8)
    let header = try ImageFile.header(
      bytes: JPEGBuilder(
        width: 8, height: 8, components: [JPEGBuilder.Component(value: 9)],
        segments: [
          (0xe4, [1]), (0xe1, packet), (0xe1, packet), (0xe5, [1]), (0xe4, [2]),
          (0xe2, Array("urn:iso:std:iso:ts:21496:-1\0".utf8)),
        ]
      ).bytes)
    #expect(
      header.leftOut == ["XMP in another segment", "its data in APP4", "its data in APP5", "its gain map"])
    #expect(header.metadata.xmp == Array("<x/>".utf8))
  }

  @Test func lostContentCredentialsAreNamed() throws {
    let (named, other) = (["its content credentials (C2PA)"], ["its data in APP11"])
    let box = Array("\0\0\0\u{28}jumb\0\0\0\u{20}jumdc2pa".utf8) + [UInt8](repeating: 0, count: 20)
    for (identifier, content, leftOut) in [
      ("JP\0\u{1}\0\0\0\u{1}", box, named), ("HDR_RI ver=11", box, ["its high dynamic range (JPEG-HDR)"]),
      ("JP\0\u{1}\0\0\0\u{1}", Array(box.prefix(18)), other),
      ("JP\0\u{1}\0\0\0\u{1}", box.map { $0 == UInt8(ascii: "2") ? 0 : $0 }, other), ("JP", [], other),
    ] as [(String, [UInt8], [String])] {
      let jpeg = JPEGBuilder(
        width: 8, height: 8, components: [JPEGBuilder.Component(value: 9)],
        segments: [(0xeb, Array(identifier.utf8) + content)])
      #expect(try ImageFile.header(bytes: jpeg.bytes).leftOut == leftOut)
    }

    var png = PNGBuilder(width: 4, height: 4, depth: 8, color: .gray) { x, y, _ in 10 * x + y }
    png.chunksBefore = [("caBX", box)]
    #expect(try ImageFile.header(bytes: png.bytes).leftOut == named)

    let still = try ImageFile.encode(
      ImageFile.read(bytes: png.bytes), as: .webp, options: EncodeOptions(lossless: true))
    let webp = WebPBuilder.file([
      WebPBuilder.extended(Size(width: 4, height: 4), flags: 0),
      ("VP8L", Array(still[20...])), ("C2PA", box),
    ])
    #expect(try ImageFile.header(bytes: webp).leftOut == named)
  }

  @Test func whatAJPEGsProfileAndXMPSayOfWhatIsLostGoesToo() throws {
    let profile = Array("ICC_PROFILE\0\u{1}\u{1}".utf8) + [UInt8](repeating: 7, count: 140)
    var ink = JPEGBuilder(
      width: 16, height: 16, components: (0..<4).map { JPEGBuilder.Component(value: 10 * $0) })
    ink.segments = [(0xe2, profile)]
    let header = try ImageFile.header(bytes: ink.bytes)
    #expect(header.metadata.iccProfile == nil && header.leftOut == ["the profile of its print colours"])

    let packet = #"<x xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" a="1"/>"#
    var bright = JPEGBuilder(width: 16, height: 16, components: [JPEGBuilder.Component(value: 90)])
    bright.segments = [(0xe1, Array("http://ns.adobe.com/xap/1.0/\0".utf8) + Array(packet.utf8))]
    let image = try ImageFile.header(bytes: bright.bytes)
    #expect(image.leftOut == ["its gain map"])
    #expect(
      image.metadata.xmp
        == Array(#"<x xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" a="1"/>"#.utf8))
  }

  @Test func aMotionPhotosXMPClaimsNoVideoThatIsNotKept() throws {
    func header(_ properties: String) throws -> (xmp: String, leftOut: [String]) {
      let packet = #"<x xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" \#(properties)/>"#
      var motion = JPEGBuilder(width: 16, height: 16, components: [JPEGBuilder.Component(value: 90)])
      motion.segments = [(0xe1, Array("http://ns.adobe.com/xap/1.0/\0".utf8) + Array(packet.utf8))]
      let header = try ImageFile.header(bytes: motion.bytes)
      return (String(decoding: header.metadata.xmp ?? [], as: UTF8.self), header.leftOut)
    }
    for name in ["MotionPhoto", "MicroVideo"] {
      let claim = try header(#"GCamera:\#(name)="1" GCamera:\#(name)Version="1""#)
      #expect(claim.leftOut == ["its video"] && !claim.xmp.contains("\(name)="), "\(claim)")
      #expect(claim.xmp.contains("\(name)Version="))
      let none = try header(#"GCamera:\#(name)="0""#)
      #expect(none.leftOut.isEmpty && none.xmp.contains("\(name)="), "\(none)")
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
