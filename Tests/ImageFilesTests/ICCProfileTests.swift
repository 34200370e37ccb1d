import ImageFiles
import Pixels
import TestSupport
import Testing

/// Profiles that readers would refuse, in every format that holds one.
@Suite struct ICCProfileTests {
  private static let formats = [ImageFormat.png, .jpeg, .webp]

  /// What is read of a picture with such a profile, as profile and words on it.
  private static func read(
    _ profile: [UInt8], _ format: ImageFormat, _ layout: Image.Layout = .rgb
  ) throws -> (profile: [UInt8]?, leftOut: [String]) {
    var image = TestPicture.smooth(width: 12, height: 9, layout: layout, depth: 8)
    image.metadata.iccProfile = profile
    let file = try ImageFile.encode(image, as: format)
    let header = try ImageFile.header(bytes: file)
    #expect(try ImageFile.read(bytes: file).metadata == header.metadata)
    return (header.metadata.iccProfile, header.leftOut)
  }

  @Test(arguments: formats) func whatLiesBehindAProfileIsNoneOfIt(format: ImageFormat) throws {
    let profile = Pictures.profile()
    for padding in 0...4 {
      let read = try Self.read(profile + [UInt8](repeating: 0, count: padding), format)
      #expect(read.profile == profile && read.leftOut == [])
    }
  }

  @Test(arguments: formats) func aDamagedProfileIsLeftOut(format: ImageFormat) throws {
    let profile = Pictures.profile()
    var unsigned = profile
    unsigned[36] = 0
    let empty = [UInt8](repeating: 0, count: 4) + profile.dropFirst(4)
    for damaged in [unsigned, empty, Array(profile.dropLast()), Array(profile.prefix(128)), [1, 2, 3]] {
      let read = try Self.read(damaged, format)
      #expect(read.profile == nil && read.leftOut == ["a damaged colour profile"])
    }
  }

  @Test(arguments: formats) func aProfileOfOtherColoursIsLeftOut(format: ImageFormat) throws {
    let cases: [(String, Image.Layout, Bool)] = [
      ("RGB ", .rgb, true), ("RGB ", .gray, true), ("CMYK", .rgb, false), ("CMYK", .gray, false),
      ("GRAY", .rgb, false), ("Lab ", .rgb, false),
    ]
    // A gray one is not even written into a WebP.
    for (space, layout, isKept) in cases where format != .webp || space != "GRAY" {
      let profile = Pictures.profile(of: space)
      let read = try Self.read(profile, format, layout)
      #expect(read.profile == (isKept ? profile : nil), "\(space) \(layout)")
      #expect(
        read.leftOut == (isKept ? [] : ["a colour profile of other colours than the picture's"]),
        "\(space) \(layout)")
    }
  }
}
