import Pixels
import Testing

/// What metadata states in pixels, for the picture at another size.
@Suite struct PixelSizeTests {
  // MARK: - EXIF

  /// A big-endian block of a camera that tells of its sensor and of the subject.
  private struct Camera {
    var size = Size(width: 90, height: 60)
    var subject = [40, 20]
    var focalPlane: [(Int, Int)] = [(39_593, 10), (2000, 3)]

    var block: [UInt8] {
      func short(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xff), UInt8(value & 0xff)] }
      func long(_ value: Int) -> [UInt8] { short(value >> 16) + short(value) }
      func entry(_ tag: Int, _ type: Int, _ count: Int, _ value: [UInt8]) -> [UInt8] {
        short(tag) + short(type) + long(count) + value + [UInt8](repeating: 0, count: 4 - value.count)
      }
      // The EXIF directory at 26, that of interoperability at 104, values of other entries at 134 and 150.
      let area: [UInt8] = subject.flatMap(short)
      let isShort = area.count == 4
      var result: [UInt8] = Array("MM\0*".utf8) + long(8)
      result += short(1) + entry(0x8769, 4, 1, long(26)) + long(0)
      result += short(6) + entry(0x9214, 3, subject.count, isShort ? area : long(150))
      result += entry(0xa002, 3, 1, short(size.width)) + entry(0xa003, 3, 1, short(size.height))
      result += entry(0xa005, 4, 1, long(104))
      result += entry(0xa20e, 5, 1, long(134)) + entry(0xa20f, 5, 1, long(142)) + long(0)
      result += short(2) + entry(0x1001, 3, 1, short(size.width))
      result += entry(0x1002, 3, 1, short(size.height)) + long(0)
      for fraction in focalPlane { result += long(fraction.0) + long(fraction.1) }
      return isShort ? result : result + area
    }

    func updated(for size: Size) -> [UInt8]? { Metadata(exif: block).updated(for: size).exif }
  }

  @Test func theSensorAndTheSubjectStayWhatTheyAre() {
    let size = Size(width: 180, height: 90)
    for (subject, expected) in [
      ([40, 20], [80, 30]), ([40, 20, 7], [80, 30, 14]), ([40, 20, 7, 9], [80, 30, 14, 14]),
    ] {
      let grown = Camera(size: size, subject: expected, focalPlane: [(2 * 39_593, 10), (3 * 2000, 6)])
      #expect(Camera(subject: subject).updated(for: size) == grown.block)
    }
    #expect(Camera().updated(for: Camera().size) == Camera().block)
  }

  @Test func whatIsTooLargeForItsPlaceComesAsNearAsItCan() {
    let camera = Camera(
      size: Size(width: 30_000, height: 1), subject: [29_000, 0],
      focalPlane: [(0xffff_ffff, 2), (0xffff_ffff, 1)])
    let size = Size(width: 60_000, height: 4)
    let expected = Camera(
      size: size, subject: [58_000, 0], focalPlane: [(0xffff_ffff, 1), (0xffff_ffff, 1)])
    #expect(camera.updated(for: size) == expected.block, "a fraction of no denominator is none")
    let wide = Camera(size: Size(width: 100, height: 100), subject: [90, 90, 3, 3])
    let exif = wide.updated(for: Size(width: 100_000, height: 100))
    #expect(exif.map { Array($0.suffix(8)) } == [0xff, 0xff, 0, 90, 0x0b, 0xb8, 0, 3])
  }

  @Test(arguments: Orientation.allCases) func theSubjectTurnsWithThePicture(orientation: Orientation) {
    let places = [
      [40, 20], [49, 20], [49, 39], [40, 39], [20, 40], [39, 40], [39, 49], [20, 49],
    ]
    let place = places[orientation.rawValue - 1]
    let stored = Camera(subject: [40, 20, 8, 6])
    var exif = Exif(stored.block)
    exif?.turn(orientation, from: stored.size)
    let upright = Camera(
      size: orientation.upright(stored.size), subject: place + (orientation.swapsAxes ? [6, 8] : [8, 6]),
      focalPlane: orientation.swapsAxes ? stored.focalPlane.reversed() : stored.focalPlane)
    #expect(exif?.bytes == upright.block)
  }

  /// Values whose places are outside of the block or are something else's.
  @Test func noPlaceIsTrusted() {
    let block = Camera(subject: [40, 20, 8, 6]).block
    // Of the subject's area and the two densities.
    let entries = [28, 76, 88]
    for value in [0, 7, 26, 30, 104, block.count - 7, block.count, 0x7fff_ffff, 0xffff_ffff] {
      for entry in entries {
        var damaged = block
        for index in 0..<4 { damaged[entry + 8 + index] = UInt8(value >> (24 - 8 * index) & 0xff) }
        let updated = Metadata(exif: damaged).updated(for: Size(width: 180, height: 120)).exif
        #expect(updated?.count == block.count)
        for range in [0..<40, 64..<106] { #expect(updated?[range] == damaged[range], "\(entry) \(value)") }
      }
    }
  }

  /// The first directory is copied, with its link to the next.
  @Test func aResolutionIsAddedBehindTheBlock() throws {
    let block = Camera().block + [0]
    // From the link of a directory of one entry on.
    let linked: [UInt8] = Array(block[..<22]) + [0, 0, 0, 104] + block[26...]
    let resolution = Metadata.Resolution(x: 300, y: 150, unit: .inch)
    var exif = try #require(Exif(linked))
    exif.add(resolution)
    #expect(exif.resolution == resolution)
    // Nothing moves but where the first directory is, at an even place; three entries more are in it.
    let directory = linked.count + 1
    #expect(exif.bytes[8..<linked.count] == linked[8...])
    #expect(Array(exif.bytes[4..<8]) == [0, 0, 0, UInt8(directory)])
    #expect(Array(exif.bytes[directory..<directory + 2]) == [0, 4])
    #expect(Array(exif.bytes[directory + 50..<directory + 54]) == [0, 0, 0, 104])
  }

  // MARK: - XMP

  private static func pano(
    full: (Int, Int), cropped: (Int, Int), at place: (Int, Int), interior: Int
  ) -> [UInt8] {
    Array(
      #"""
      <x xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" GPano:FullPanoWidthPixels="\#(full.0)"
      GPano:FullPanoHeightPixels="\#(full.1)" GPano:CroppedAreaImageWidthPixels="\#(cropped.0)"
      GPano:CroppedAreaLeftPixels="\#(place.0)" GPano:InitialViewHeadingDegrees="180"
      GPano:LargestValidInteriorRectWidth="\#(interior)">
      <GPano:CroppedAreaImageHeightPixels>\#(cropped.1)</GPano:CroppedAreaImageHeightPixels>
      <GPano:CroppedAreaTopPixels>\#(place.1)</GPano:CroppedAreaTopPixels></x>
      """#.utf8)
  }

  @Test func aPanoramaStaysOne() {
    let stored = Self.pano(full: (400, 200), cropped: (300, 100), at: (50, 33), interior: 280)
    let grown = Self.pano(full: (600, 400), cropped: (450, 200), at: (75, 66), interior: 420)
    #expect(Metadata(xmp: stored).updated(for: Size(width: 450, height: 200)).xmp == grown)
    // Numbers that are none, or make none.
    let odd = Self.pano(full: (.max, 200), cropped: (1, 0), at: (50, 33), interior: 280)
    let expected = Self.pano(full: (.max, 200), cropped: (9, 0), at: (450, 33), interior: 2520)
    #expect(Metadata(xmp: odd).updated(for: Size(width: 9, height: 5)).xmp == expected)
  }

  /// A JPEG's segment has 65,504 bytes for it.
  @Test func aFullPacketWithoutRoomLeavesTheSizesOut() {
    func packet(_ size: String, count: Int) -> [UInt8] {
      let (start, end) = ("<x", #" a="1">"#)
      let text = String(repeating: "y", count: count - (start + size + end + "</x>").utf8.count)
      return Array((start + size + end + text + "</x>").utf8)
    }
    func updated(_ packet: [UInt8]) -> [UInt8]? {
      Metadata(xmp: packet).updated(for: Size(width: 744, height: 536)).xmp
    }
    let (small, large) = (#" exif:PixelXDimension="93""#, #" exif:PixelXDimension="744""#)
    #expect(updated(packet(small, count: 65_503)) == packet(large, count: 65_504))
    #expect(updated(packet(small, count: 65_504)) == packet("", count: 65_504 - small.utf8.count))
    #expect(updated(packet(small, count: 65_505)) == packet(large, count: 65_506), "none of a JPEG's")
  }
}
