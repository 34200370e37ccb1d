import ImageFiles
import Pixels
import Testing

/// XMP that goes beyond a JPEG's segment.
@Suite struct ExtendedXMPTests {
  private static let name = "0123456789ABCDEF0123456789ABCDEF"

  /// An XML text that tells every one of its places.
  private static let long = Array((0..<30_000).map { "<n>\($0)</n>" }.joined().utf8)

  private static func packet(_ pointer: String = " xmpNote:HasExtendedXMP=\"\(name)\"") -> [UInt8] {
    Array("<rdf:Description a='1'\(pointer) b='2'/>".utf8)
  }

  private struct Part {
    var name = ExtendedXMPTests.name
    var total = 6
    var offset: Int
    var text: String

    var segment: (UInt8, [UInt8]) {
      let numbers = PNGBuilder.word(total) + PNGBuilder.word(offset)
      return (0xe1, Array("http://ns.adobe.com/xmp/extension/\0\(name)".utf8) + numbers + text.utf8)
    }
  }

  private static func jpeg(_ packet: [UInt8], _ segments: [(UInt8, [UInt8])]) -> [UInt8] {
    JPEGBuilder(
      width: 8, height: 8, components: [JPEGBuilder.Component(value: 9)],
      segments: [(0xe1, Array("http://ns.adobe.com/xap/1.0/\0".utf8) + packet)] + segments
    ).bytes
  }

  @Test func itIsKeptByteForByte() throws {
    var image = TestPicture.smooth(width: 20, height: 10, layout: .rgb, depth: 8)
    image.metadata.xmp = Self.packet()
    image.metadata.extendedXMP = Self.long
    let bytes = try ImageFile.encode(image, as: .jpeg)
    let read = try ImageFile.read(bytes: bytes)
    #expect(Self.long.count > 3 * 65_536)
    #expect(read.metadata == image.metadata)
    #expect(try ImageFile.header(bytes: bytes).leftOut == [])

    // Each segment is as another's reader expects it.
    let identifier = Array("http://ns.adobe.com/xmp/extension/\0\(Self.name)".utf8)
    let starts = bytes.indices.filter { bytes[$0...].starts(with: identifier) }
    var found: [UInt8] = []
    for start in starts {
      let numbers = start + identifier.count
      #expect(Array(bytes[start - 4..<start - 2]) == [0xff, 0xe1])
      #expect(Array(bytes[numbers..<numbers + 4]) == PNGBuilder.word(Self.long.count))
      #expect(Array(bytes[numbers + 4..<numbers + 8]) == PNGBuilder.word(found.count))
      let length = Int(bytes[start - 2]) << 8 | Int(bytes[start - 1])
      found += bytes[numbers + 8..<start - 2 + length]
    }
    #expect(found == Self.long && starts.count == 6)

    #expect(try ImageFile.read(bytes: ImageFile.encode(read, as: .jpeg)).metadata == image.metadata)
    let bare = try ImageFile.encode(image, as: .jpeg, options: EncodeOptions(metadata: .strip))
    #expect(try ImageFile.read(bytes: bare).metadata == Metadata())
  }

  /// Their one packet may be of any length; the extension is none of it, and then nothing may point to it.
  @Test(arguments: [ImageFormat.png, .webp]) func otherFormatsHaveNoPlaceForIt(format: ImageFormat) throws {
    var image = TestPicture.smooth(width: 20, height: 10, layout: .rgb, depth: 8)
    image.metadata.xmp = Self.packet()
    image.metadata.extendedXMP = Self.long
    let read = try ImageFile.read(bytes: ImageFile.encode(image, as: format)).metadata
    #expect(read == Metadata(xmp: Self.packet("")))
  }

  @Test func segmentsMayStandInAnyOrderAmongForgottenOnes() throws {
    let forgotten = Part(name: Self.name.replacing("0", with: "F"), total: 9, offset: 3, text: "xyz")
    let parts = [
      Part(offset: 4, text: "ef"), forgotten, Part(offset: 0, text: "a"), Part(offset: 1, text: "bcd"),
    ]
    for pointer in [
      "\n  xmpNote:HasExtendedXMP = '\(Self.name)'",
      "><xmpNote:HasExtendedXMP>\n\(Self.name) </xmpNote:HasExtendedXMP><x",
    ] {
      let header = try ImageFile.header(bytes: Self.jpeg(Self.packet(pointer), parts.map(\.segment)))
      #expect(header.metadata == Metadata(xmp: Self.packet(pointer), extendedXMP: Array("abcdef".utf8)))
      #expect(header.leftOut == [])
    }
  }

  /// The extension is left out, and then nothing may point to it.
  @Test(arguments: [
    " xmpNote:HasExtendedXMP=\"\(name)\"", "\n  xmpNote:HasExtendedXMP = '\(name)'",
    "<xmpNote:HasExtendedXMP>\(name)</xmpNote:HasExtendedXMP>",
  ])
  func aDamagedOneLeavesNoPointer(pointer: String) throws {
    let (start, end) = (Part(offset: 0, text: "abc"), Part(offset: 3, text: "def"))
    let other = Self.name.replacing("0", with: "F")
    let damaged: [String: [(UInt8, [UInt8])]] = [
      "no segments": [], "no beginning": [end.segment], "no end": [start.segment],
      "a hole": [start.segment, Part(offset: 4, text: "ef").segment],
      "an overlap": [start.segment, Part(offset: 2, text: "cdef").segment],
      "an overlap of the right length": [start.segment, Part(offset: 2, text: "cde").segment],
      "a hole of the right length": [Part(offset: 1, text: "bcd").segment, end.segment],
      "a repetition": [start.segment, end.segment, end.segment],
      "too long a part": [start.segment, Part(offset: 3, text: "defg").segment],
      "two lengths": [start.segment, Part(total: 7, offset: 3, text: "def").segment],
      "another length first": [Part(total: 7, offset: 0, text: "abc").segment, end.segment],
      "an empty part": [start.segment, end.segment, Part(offset: 3, text: "").segment],
      "another's": [start, end].map { Part(name: other, offset: $0.offset, text: $0.text).segment },
      "the greatest numbers": [Part(total: 0xffff_ffff, offset: 0xffff_ffff, text: "a").segment],
      "no length": [Part(total: 0, offset: 0, text: "a").segment],
      "a cut segment": [(0xe1, Array(start.segment.1.prefix(60)))],
    ]
    for (kind, segments) in damaged {
      let bytes = Self.jpeg(Self.packet(pointer), segments)
      #expect(try ImageFile.read(bytes: bytes).metadata == Metadata(xmp: Self.packet("")), "\(kind)")
      #expect(try ImageFile.header(bytes: bytes).leftOut == ["a damaged extension of its XMP"], "\(kind)")
    }
    let unnamed = Self.jpeg(Self.packet(""), [start.segment, end.segment])
    #expect(try ImageFile.header(bytes: unnamed).leftOut == ["a damaged extension of its XMP"])
  }

  /// It is kept in memory: a file of any length may say that it is one.
  @Test func beyondTheLimitItIsNone() throws {
    let (part, count) = (65_000, (16 << 20) / 65_000 + 1)
    let text = String(repeating: " ", count: part)
    let segments = (0..<count).map { Part(total: part * count, offset: part * $0, text: text).segment }
    let header = try ImageFile.header(bytes: Self.jpeg(Self.packet(), segments))
    #expect(header.metadata.extendedXMP == nil && header.leftOut == ["a damaged extension of its XMP"])
  }

  @Test func whatWouldNotBeFoundAgainIsRefused() throws {
    var image = TestPicture.smooth(width: 20, height: 10, layout: .rgb, depth: 8)
    for metadata in [
      Metadata(extendedXMP: Self.long), Metadata(xmp: Self.packet(""), extendedXMP: Self.long),
      Metadata(xmp: Self.packet(" xmpNote:HasExtendedXMP='12'"), extendedXMP: Self.long),
      Metadata(xmp: Self.packet(), extendedXMP: []),
      Metadata(xmp: Self.packet(), extendedXMP: [UInt8](repeating: 32, count: 16 << 20 + 1)),
    ] {
      image.metadata = metadata
      #expect {
        try ImageFile.encode(image, as: .jpeg)
      } throws: { error in
        guard case .cannotHold(.jpeg, let problem, _)? = (error as? ImageFileError)?.cause else {
          return false
        }
        return problem.contains("extension")
      }
    }
  }
}
