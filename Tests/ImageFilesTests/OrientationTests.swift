import ImageFiles
import Pixels
import TestSupport
import Testing

@Suite struct OrientationTests {
  /// The stored picture which, shown in this orientation, is `upright`; by the definitions of EXIF's tag 0x0112.
  private static func stored(_ upright: Image, _ orientation: Orientation) -> Image {
    let size = orientation.upright(upright.size)  // swapping twice is swapping back
    let (w, h) = (upright.width, upright.height)
    let channels = upright.layout.channels
    let values = upright.values
    let samples = (0..<size.width * size.height).flatMap { pixel -> ArraySlice<Int> in
      let (x, y) = (pixel % size.width, pixel / size.width)
      // Row 0 of the file is the named side of the picture, column 0 the other.
      let (u, v) =
        switch orientation {
        case .upright: (x, y)  // top, left
        case .mirrored: (w - 1 - x, y)  // top, right
        case .upsideDown: (w - 1 - x, h - 1 - y)  // bottom, right
        case .mirroredUpsideDown: (x, h - 1 - y)  // bottom, left
        case .transposed: (y, x)  // left, top
        case .turnRight: (w - 1 - y, x)  // right, top
        case .transversed: (w - 1 - y, h - 1 - x)  // right, bottom
        case .turnLeft: (y, h - 1 - x)  // left, bottom
        }
      return values[(v * w + u) * channels..<(v * w + u + 1) * channels]
    }
    var image = Image(
      width: size.width, height: size.height, layout: upright.layout,
      samples: upright.samples.depth == 16
        ? .uint16(samples.map { UInt16($0) }) : .uint8(samples.map { UInt8($0) }))
    image.metadata.exif = ExifBuilder.block(
      orientation: orientation.rawValue, width: size.width, height: size.height)
    image.metadata.xmp = Array(#"<x tiff:Orientation="\#(orientation.rawValue)"/>"#.utf8)
    return image
  }

  @Test(arguments: Orientation.allCases) func picturesComeOutUpright(orientation: Orientation) throws {
    for layout in Image.Layout.allCases {
      for depth in [8, 16] {
        let upright = TestPicture.noise(width: 45, height: 34, layout: layout, depth: depth)
        let bytes = try ImageFile.encode(Self.stored(upright, orientation), as: .png)
        let image = try ImageFile.read(bytes: bytes)
        let isSame = image.samples == upright.samples
        #expect(isSame && image.size == upright.size)
        // And the metadata says so.
        #expect(image.metadata.exif == ExifBuilder.block(orientation: 1, width: 45, height: 34))
        #expect(image.metadata.xmp == Array(#"<x tiff:Orientation="1"/>"#.utf8))
        let header = try ImageFile.header(bytes: bytes)
        #expect(header.size == upright.size && header.orientation == orientation)
        #expect(header.metadata == image.metadata)
      }
    }
  }

  @Test func xmpAloneMaySayItInEveryForm() throws {
    let upright = TestPicture.noise(width: 13, height: 8, layout: .rgb, depth: 8)
    let forms = [
      #"<x tiff:Orientation="N"/>"#, "<x tiff:Orientation = 'N' />",
      "<tiff:Orientation>N</tiff:Orientation>",
      #"<tiff:Orientation rdf:datatype="int">N</tiff:Orientation>"#,
      #"<x xmlns:t="http://ns.adobe.com/tiff/1.0/" t:Orientation="N"/>"#,
      "<t:Orientation>N</t:Orientation><x xmlns:t = 'http://ns.adobe.com/tiff/1.0/'/>",
    ]
    for form in forms {
      var stored = Self.stored(upright, .turnRight)
      stored.metadata.exif = nil
      stored.metadata.xmp = Array(form.replacing("N", with: "6").utf8)
      let image = try ImageFile.read(bytes: ImageFile.encode(stored, as: .png))
      #expect(image.samples == upright.samples, "\(form)")
      #expect(image.metadata.xmp == Array(form.replacing("N", with: "1").utf8), "\(form)")
      // EXIF's word goes before it, and both are set.
      stored = Self.stored(upright, .turnRight)
      stored.metadata.xmp = Array(form.replacing("N", with: "3").utf8)
      let second = try ImageFile.read(bytes: ImageFile.encode(stored, as: .png))
      #expect(second.samples == upright.samples, "\(form)")
      #expect(second.metadata.xmp == Array(form.replacing("N", with: "1").utf8), "\(form)")
    }
    for other in ["<x tiff:Orientations=\"6\"/>", "<x my-tiff:Orientation=\"6\"/>", "<tiff:Orientation/>6"] {
      var stored = Self.stored(upright, .upright)
      (stored.metadata.exif, stored.metadata.xmp) = (nil, Array(other.utf8))
      let image = try ImageFile.read(bytes: ImageFile.encode(stored, as: .png))
      #expect(image == stored, "\(other)")
    }
  }

  @Test(arguments: Orientation.allCases) func jpegAndWebPAreTurnedToo(orientation: Orientation) throws {
    let upright = TestPicture.smooth(width: 48, height: 32, layout: .rgb, depth: 8)
    for (format, options) in [(ImageFormat.jpeg, EncodeOptions()), (.webp, EncodeOptions(lossless: true))] {
      let image = try ImageFile.read(
        bytes: ImageFile.encode(Self.stored(upright, orientation), as: format, options: options))
      #expect(image.size == upright.size)
      #expect(TestPicture.greatestDifference(image, upright) <= (format == .jpeg ? 6 : 0))
      #expect(image.metadata.exif == ExifBuilder.block(orientation: 1, width: 48, height: 32))
    }
  }

  /// What a file states across its stored rows is down the upright picture's columns where those have changed places.
  @Test(arguments: Orientation.allCases) func densitiesTurnWithThePicture(orientation: Orientation) throws {
    let expected =
      orientation.swapsAxes
      ? Metadata.Resolution(x: 150, y: 300, unit: .inch) : Metadata.Resolution(x: 300, y: 150, unit: .inch)
    let picture = TestPicture.smooth(width: 20, height: 10, layout: .rgb, depth: 8)
    for format in [ImageFormat.png, .jpeg, .webp] {
      for isInExif in [true, false] where isInExif || format != .webp {
        var stored = picture
        var exif = ExifBuilder.block(orientation: orientation.rawValue, width: 20, height: 10)
        // Numerators of the two fractions, 72 at first.
        exif.replaceSubrange(74..<78, with: [0, 0, 1, 44])
        exif.replaceSubrange(82..<86, with: [0, 0, 0, 150])
        stored.metadata.exif =
          isInExif ? exif : ExifBuilder.block(orientation: orientation.rawValue, width: 20, height: 10)
        if !isInExif { stored.metadata.resolution = Metadata.Resolution(x: 300, y: 150, unit: .inch) }
        let bytes = try ImageFile.encode(stored, as: format)
        let read = try ImageFile.read(bytes: bytes).metadata
        let found = try #require(read.resolution)
        let inches = found.unit == .meter ? 0.0254 : 1
        #expect(abs(found.x * inches - expected.x) < 0.02, "\(format) \(isInExif)")
        #expect(abs(found.y * inches - expected.y) < 0.02, "\(format) \(isInExif)")
        #expect(try ImageFile.header(bytes: bytes).metadata == read)
        let block = try #require(read.exif)
        guard isInExif else { continue }
        let densities = [74, 82].map { Int(block[$0 + 2]) << 8 | Int(block[$0 + 3]) }
        #expect(densities == [Int(expected.x), Int(expected.y)])
      }
    }
  }

  @Test func aThumbnailGoes() throws {
    var image = TestPicture.noise(width: 8, height: 8, layout: .rgb, depth: 8)
    // A first directory with the orientation, and a second one with a thumbnail at the end.
    let thumbnail: [UInt8] = [0xff, 0xd8] + [UInt8](repeating: 0xab, count: 48)
    let directory: [UInt8] = [0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 1, 0, 0]
    let second: [UInt8] =
      [
        0, 2, 0x02, 0x01, 0, 4, 0, 0, 0, 1, 0, 0, 0, 56, 0x02, 0x02, 0, 4, 0, 0, 0, 1, 0, 0, 0, 50, 0, 0, 0,
        0,
      ]
    image.metadata.exif =
      Array("MM\0*".utf8) + [0, 0, 0, 8] + directory + [0, 0, 0, 26] + second + thumbnail
    let read = try ImageFile.read(bytes: ImageFile.encode(image, as: .png))
    let exif = try #require(read.metadata.exif)
    #expect(!exif.contains(0xab))
    #expect(Array(exif[8..<22]) == directory && Array(exif[22..<26]) == [0, 0, 0, 0])
  }

  private static let examples = SharedData.files("formats/exif-orientation", extension: "jpg")

  @Test(.enabled(if: !examples.isEmpty, "needs the shared data's formats/exif-orientation"))
  func theExamplesAreAlike() throws {
    for kind in ["Landscape", "Portrait"] {
      let pictures = try Self.examples.filter { $0.contains(kind) }.map { try ImageFile.read($0) }
      #expect(pictures.count == 9)
      let first = pictures[0]
      for picture in pictures {
        #expect(picture.size == first.size)
        let (a, b) = (picture.values, first.values)
        let differences = stride(from: 0, to: a.count, by: 997).map { abs(a[$0] - b[$0]) }
        // Each was compressed by itself, and with another number on it.
        #expect(Double(differences.reduce(0, +)) / Double(differences.count) < 6)
      }
    }
  }
}
