import ImageFiles
import Pixels
import TestSupport
import Testing

@Suite struct JPEGDecodingTests {
  typealias Component = JPEGBuilder.Component

  /// BT.601 of full range, as JFIF has it.
  private static func rgb(_ y: Double, _ cb: Double, _ cr: Double) -> [Int] {
    [y + 1.402 * (cr - 128), y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128), y + 1.772 * (cb - 128)].map {
      Int(min(max($0, 0), 255) + 0.5)
    }
  }

  private static func isClose(_ image: Image, to pixel: [Int]) -> Bool {
    let values = image.values
    return values.indices.allSatisfy { abs(values[$0] - pixel[$0 % pixel.count]) <= 1 }
  }

  @Test(arguments: [0xc0, 0xc1, 0xc2] as [UInt8]) func grayStaysGray(frame: UInt8) throws {
    let builder = JPEGBuilder(width: 21, height: 10, components: [Component(value: 77)], frameCode: frame)
    let image = try ImageFile.read(bytes: builder.bytes)
    #expect(image.layout == .gray && image.size == Size(width: 21, height: 10))
    #expect(image.values.allSatisfy { $0 == 77 })
  }

  /// 4:4:4, 4:2:2, 4:4:0, 4:2:0, 4:1:1, 4:1:0 and odd ones.
  @Test(
    arguments: [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (4, 2), (1, 4)], [0xc0, 0xc2] as [UInt8])
  func everySubsamplingIsRead(factors: (h: Int, v: Int), frame: UInt8) throws {
    for (width, height) in [(37, 23), (16, 16), (1, 1)] {
      let builder = JPEGBuilder(
        width: width, height: height,
        components: [
          Component(h: factors.h, v: factors.v, value: 140), Component(value: 90), Component(value: 170),
        ], frameCode: frame)
      let image = try ImageFile.read(bytes: builder.bytes)
      #expect(image.layout == .rgb && image.size == Size(width: width, height: height))
      #expect(Self.isClose(image, to: Self.rgb(140, 90, 170)))
    }
  }

  /// Blocks that all differ, so that each must be found in its place. Between two blocks of colour the decoder may
  /// draw a slope; everywhere else the pixels are the blocks'.
  @Test(
    arguments: [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (4, 2), (1, 4)], [0xc0, 0xc2] as [UInt8])
  func everyBlockIsInItsPlace(factors: (h: Int, v: Int), frame: UInt8) throws {
    let components = [
      Component(h: factors.h, v: factors.v, value: 60, steps: (12, 9)),
      Component(value: 110, steps: (10, 7)), Component(value: 150, steps: (-8, -5)),
    ]
    let builder = JPEGBuilder(width: 77, height: 43, components: components, frameCode: frame)
    let image = try ImageFile.read(bytes: builder.bytes)
    let (width, height) = (8 * factors.h, 8 * factors.v)
    var compared = 0
    for y in 0..<43 {
      for x in 0..<77 {
        let isInside =
          (x % width >= factors.h && x % width < width - factors.h || factors.h == 1)
          && (y % height >= factors.v && y % height < height - factors.v || factors.v == 1)
        guard isInside else { continue }
        let (luma, colors) = (components[0].value(x / 8, y / 8), (x / width, y / height))
        let expected = Self.rgb(
          Double(luma), Double(components[1].value(colors.0, colors.1)),
          Double(components[2].value(colors.0, colors.1)))
        let pixel = image.values[3 * (y * 77 + x)..<3 * (y * 77 + x) + 3]
        let isClose = zip(pixel, expected).allSatisfy { abs($0 - $1) <= 1 }
        if !isClose {
          Issue.record("\(x), \(y): \(Array(pixel)) instead of \(expected)")
          return
        }
        compared += 1
      }
    }
    #expect(compared * 2 > 77 * 43)
  }

  @Test func restartMarkersAreFollowed() throws {
    for interval in [1, 2, 5] {
      let builder = JPEGBuilder(
        width: 100, height: 90,
        components: [Component(value: 200), Component(value: 100), Component(value: 99)],
        restartInterval: interval)
      #expect(Self.isClose(try ImageFile.read(bytes: builder.bytes), to: Self.rgb(200, 100, 99)))
      // Without one of the markers the rest would be shifted.
      var broken = builder.bytes
      let marker = try #require(
        broken.indices.dropLast().last { broken[$0] == 0xff && broken[$0 + 1] & 0xf8 == 0xd0 })
      broken.removeSubrange(marker..<marker + 2)
      #expect(failure(reading: broken) != nil)
    }
  }

  @Test func adobesMarkerSaysWhatTheComponentsAre() throws {
    let components = [Component(value: 30), Component(value: 140), Component(value: 220)]
    let rgb = JPEGBuilder(width: 9, height: 9, components: components, adobeTransform: 0)
    #expect(Self.isClose(try ImageFile.read(bytes: rgb.bytes), to: [30, 140, 220]))
    let ycc = JPEGBuilder(width: 9, height: 9, components: components, adobeTransform: 1)
    #expect(Self.isClose(try ImageFile.read(bytes: ycc.bytes), to: Self.rgb(30, 140, 220)))
  }

  @Test func printColorsAreRefusedOrConverted() throws {
    let ink = [Component(value: 200), Component(value: 100), Component(value: 50), Component(value: 128)]
    // Adobe stores 255 - ink: 200 is little cyan. Red is 200 * 128 / 255.
    let adobe = JPEGBuilder(
      width: 9, height: 9, components: ink, adobeTransform: 0,
      segments: [(0xe2, Array("ICC_PROFILE\0\u{1}\u{1}x".utf8))])
    #expect(failure(reading: adobe.bytes) == .cmyk(.jpeg))
    #expect(try ImageFile.header(bytes: adobe.bytes).isCMYK)
    let converted = try ImageFile.read(bytes: adobe.bytes, options: ReadOptions(cmyk: .convert))
    #expect(converted.layout == .rgb && converted.metadata.iccProfile == nil)
    #expect(Self.isClose(converted, to: [100, 50, 25]))

    // YCCK: the first three are turned into inverted CMY as if they were YCbCr.
    let ycck = JPEGBuilder(width: 9, height: 9, components: ink, adobeTransform: 2)
    #expect(failure(reading: ycck.bytes) == .cmyk(.jpeg))
    let expected = Self.rgb(200, 100, 50).map { (255 - $0) * 128 / 255 }
    let inverted = try ImageFile.read(bytes: ycck.bytes, options: ReadOptions(cmyk: .convert))
    #expect(Self.isClose(inverted, to: expected))

    // Without Adobe's marker the values are ink: 255 is all of it.
    let plain = JPEGBuilder(width: 9, height: 9, components: ink)
    let plainConverted = try ImageFile.read(bytes: plain.bytes, options: ReadOptions(cmyk: .convert))
    let light = [55, 155, 205].map { $0 * 127 / 255 }
    #expect(Self.isClose(plainConverted, to: light))
  }

  @Test func paperIsWhite() throws {
    let paper = JPEGBuilder(
      width: 9, height: 9, components: [Component](repeating: Component(value: 255), count: 4),
      adobeTransform: 0)
    let image = try ImageFile.read(bytes: paper.bytes, options: ReadOptions(cmyk: .convert))
    #expect(image.values.allSatisfy { $0 == 255 })
  }

  /// It changes no sample.
  @Test func anUnknownVersionOfJFIFIsRead() throws {
    for version in [1, 2] as [UInt8] {
      let builder = JPEGBuilder(
        width: 9, height: 9, components: [Component(value: 5)],
        segments: [(0xe0, Array("JFIF\0".utf8) + [version, 2, 1, 0, 90, 0, 80, 0, 0])])
      let image = try ImageFile.read(bytes: builder.bytes)
      #expect(image.metadata.resolution == Metadata.Resolution(x: 90, y: 80, unit: .inch))
    }
  }

  @Test func whatIsNotDecodedIsNamed() {
    for (code, precision) in [(0xc3, 8), (0xf7, 8), (0xc9, 8), (0xca, 8), (0xc5, 8), (0xc1, 12)]
      as [(UInt8, Int)]
    {
      let builder = JPEGBuilder(
        width: 9, height: 9, components: [Component(value: 5)], frameCode: code, precision: precision)
      #expect(failure(reading: builder.bytes)?.isUnsupported == true)
    }
    for (width, height) in [(9, 0), (65_535, 9)] {
      let builder = JPEGBuilder(width: width, height: height, components: [Component(value: 5)])
      #expect(failure(reading: builder.bytes)?.isUnsupported == true)
    }
    let two = JPEGBuilder(width: 9, height: 9, components: [Component(value: 5), Component(value: 5)])
    #expect(failure(reading: two.bytes)?.isUnsupported == true)
  }

  @Test func tooManyScansAreRefused() throws {
    func picture(scans: Int) -> [UInt8] {
      JPEGBuilder(
        width: 64, height: 64,
        components: [Component(value: 100), Component(value: 128), Component(value: 128)],
        frameCode: 0xc2, extraScans: scans
      ).bytes
    }
    // The one with the means, that of the details, and 98 more.
    #expect(Self.isClose(try ImageFile.read(bytes: picture(scans: 98)), to: [100, 100, 100]))
    #expect(failure(reading: picture(scans: 99)) == .corrupt(.jpeg, "more than 100 scans"))
  }

  @Test func warningsAreFailures() throws {
    let good = JPEGBuilder(width: 64, height: 64, components: [Component(value: 100)]).bytes
    let start = try #require(good.indices.dropLast().first { good[$0] == 0xff && good[$0 + 1] == 0xda }) + 10
    // Half of the blocks, then the end.
    let half = Array(good[..<((start + good.count - 2) / 2)]) + [0xff, 0xd9]
    #expect(failure(reading: half)?.isTruncated == true)
    // Bytes that are no code.
    var garbage = good
    for i in start..<good.count - 2 { garbage[i] = 0xfe }
    #expect(failure(reading: garbage) != nil)
    // What comes after the end is not looked at: cameras append previews.
    #expect(try ImageFile.read(bytes: good + [1, 2, 3]).values.allSatisfy { $0 == 100 })
  }

  /// A file that was cut between two scans and closed with an end mark.
  @Test func missingScansAreAnIncompletePicture() throws {
    var builder = JPEGBuilder(
      width: 20, height: 20, components: [Component(value: 9), Component(value: 8), Component(value: 7)],
      frameCode: 0xc2)
    #expect(throws: Never.self) { try ImageFile.read(bytes: builder.bytes) }
    builder.hasDetail = false
    #expect(failure(reading: builder.bytes)?.isTruncated == true)
    #expect(try ImageFile.read(bytes: builder.bytes, options: ReadOptions(acceptsDamage: true)).height == 20)

    let picture = TestPicture.smooth(width: 40, height: 30, layout: .rgb, depth: 8)
    let whole = try ImageFile.encode(picture, as: .jpeg, options: EncodeOptions(progressive: true))
    let scans = whole.indices.dropLast().filter { whole[$0] == 0xff && [0xda, 0xc4].contains(whole[$0 + 1]) }
    for start in scans.dropFirst(2) where whole[..<start].contains(0xda) {
      let cut = Array(whole[..<start]) + [0xff, 0xd9]
      #expect(failure(reading: cut) != nil, "cut at \(start) of \(whole.count)")
    }
  }

  /// One scan for each of three components: one block of zeros, in codes of one bit.
  @Test func aMissingComponentIsAnIncompletePicture() throws {
    let table: [UInt8] = [1] + [UInt8](repeating: 0, count: 15) + [0]
    var bytes: [UInt8] = [0xff, 0xd8, 0xff, 0xdb, 0, 67, 0] + [UInt8](repeating: 8, count: 64)
    bytes += [0xff, 0xc0, 0, 17, 8, 0, 8, 0, 8, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]
    bytes += [0xff, 0xc4, 0, 20, 0x00] + table + [0xff, 0xc4, 0, 20, 0x10] + table
    for component in 1...3 as ClosedRange<UInt8> {
      #expect(failure(reading: bytes + [0xff, 0xd9]) != nil, "\(component - 1) of 3")
      bytes += [0xff, 0xda, 0, 8, 1, component, 0, 0, 63, 0, 0x3f]
    }
    #expect(Self.isClose(try ImageFile.read(bytes: bytes + [0xff, 0xd9]), to: [128, 128, 128]))
  }

  @Test func twoFramesOrNoneAreNoPicture() throws {
    let good = JPEGBuilder(width: 8, height: 8, components: [Component(value: 100)]).bytes
    let frame = try #require(good.indices.dropLast().first { good[$0] == 0xff && good[$0 + 1] == 0xc0 })
    let segment = Array(good[frame..<frame + 13])
    var twice = good
    twice.insert(contentsOf: segment, at: frame)
    #expect(failure(reading: twice)?.isCorrupt == true)
    var none = good
    none.removeSubrange(frame..<frame + 13)
    #expect(failure(reading: none)?.isCorrupt == true)
  }

  private static let shared = ["formats/jpeg/mozilla", "formats/jpeg/libjpeg-turbo"].flatMap {
    SharedData.files($0, extension: "jpg")
  }

  @Test(.enabled(if: !shared.isEmpty, "needs the shared data's formats/jpeg")) func filesOfOthersAreRead()
    throws
  {
    var read = 0
    for path in Self.shared {
      let name = path.split(separator: "/").last.map(String.init) ?? ""
      if name == "monkey12.jpg" || name == "testimgari.jpg" {
        #expect(throws: ImageFileError.self) { try ImageFile.read(path) }
        continue
      }
      let image = try ImageFile.read(path, options: ReadOptions(cmyk: .convert))
      if name == "jpg-gray.jpg" { #expect(image.layout == .gray) }
      if name.hasPrefix("jpg-size-") {
        let side = name.dropFirst(9).prefix { $0 != "x" }
        #expect(image.width == Int(side) && image.height == Int(side))
      }
      read += 1
    }
    #expect(read > 15)
  }
}
