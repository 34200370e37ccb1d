import ImageFiles
import Pixels
import TestSupport
import Testing

/// What is said of what is not kept.
@Suite struct MetadataLossTests {
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
}
