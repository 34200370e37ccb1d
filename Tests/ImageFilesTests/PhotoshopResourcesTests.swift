import ImageFiles
import Pixels
import TestSupport
import Testing

@Suite struct PhotoshopResourcesTests {
  private static func resource(_ number: Int, _ name: String, _ data: [UInt8]) -> [UInt8] {
    let name = [UInt8(name.utf8.count)] + name.utf8
    let words = [UInt8(number >> 8), UInt8(number & 0xff)] + name + (name.count % 2 == 0 ? [] : [0])
    let padding = [UInt8](repeating: 0, count: data.count % 2)
    return Array("8BIM".utf8) + words + PNGBuilder.word(data.count) + data + padding
  }

  private static func header(_ segments: [[UInt8]]) throws -> ImageHeader {
    try ImageFile.header(
      bytes: JPEGBuilder(
        width: 8, height: 8, components: [JPEGBuilder.Component(value: 9)],
        segments: segments.map { (0xed, Array("Photoshop 3.0\0".utf8) + $0) }
      ).bytes)
  }

  private static let (caption, odd) = (Array("a caption.".utf8), Array("captions!".utf8))
  private static let path = resource(2000, "a path", [1, 2, 3])
  private static let digest = resource(0x0425, "", [UInt8](repeating: 7, count: 16))

  @Test func iptcIsFoundAmongResources() throws {
    for caption in [Self.caption, Self.odd] {
      let iptc = Self.resource(0x0404, "", caption)
      for (segments, hasOthers) in [
        ([iptc], false), ([Self.digest + iptc], false), ([Self.path + iptc], true),
        ([iptc + Self.path], true),
        // Cut wherever it may be.
        ([Array((Self.digest + iptc)[..<30]), Array((Self.digest + iptc)[30...])], false),
        ([Self.digest, iptc], false), ([iptc + iptc], true), ([iptc + [1]], true),
        ([Array(iptc.dropLast(caption.count % 2))], false),
      ] {
        let header = try Self.header(segments)
        #expect(header.metadata.iptc == caption)
        #expect(header.leftOut == (hasOthers ? ["its Photoshop resources"] : []))
      }
    }
  }

  @Test(arguments: [
    path, Array(path.dropLast(2)), resource(0x0404, "", []), Array(resource(0x0404, "", caption).dropLast(1)),
    resource(3, "8BIM", Array("8BIM".utf8)), digest, [], [1, 2],
    Array("8BIM".utf8) + [4, 4, 0, 0, 0xff, 0xff, 0xff, 0xff],
  ])
  func whatHoldsNoneIsLeftOut(segment: [UInt8]) throws {
    let header = try Self.header([segment])
    #expect(header.metadata.iptc == nil && header.leftOut == ["its Photoshop resources"])
  }

  @Test(arguments: [1, 2, 999, 65_506]) func iptcIsKeptFromJPEGToJPEG(count: Int) throws {
    var image = Pictures.noise(width: 20, height: 12, layout: .rgb, seed: 1)
    image.metadata.iptc = (0..<count).map { UInt8($0 & 0xff) }
    let file = try ImageFile.encode(image, as: .jpeg)
    let header = try ImageFile.header(bytes: file)
    #expect(file.firstRange(of: Self.resource(0x0404, "", image.metadata.iptc ?? [])) != nil)
    #expect(header.metadata == image.metadata && header.leftOut == [])
    #expect(try ImageFile.read(bytes: file).metadata == image.metadata)
    for format in [ImageFormat.png, .webp] {
      #expect(try ImageFile.read(bytes: ImageFile.encode(image, as: format)).metadata == Metadata())
    }
  }

  @Test func whatIsLongerThanASegmentIsRefused() throws {
    var image = Pictures.noise(width: 20, height: 12, layout: .rgb, seed: 1)
    for count in [65_507, 65_530] {
      image.metadata.iptc = [UInt8](repeating: 0x1c, count: count)
      let error = #expect(throws: ImageFileError.self) { try ImageFile.encode(image, as: .jpeg) }
      guard case .cannotHold(.jpeg, _, _)? = error?.cause else {
        Issue.record("\(count): \(String(describing: error))")
        continue
      }
    }
    // As an input it is cut into several.
    let long = Self.resource(0x0404, "", [UInt8](repeating: 0x1c, count: 65_530))
    let header = try Self.header([Array(long[..<40_000]), Array(long[40_000...])])
    #expect(header.metadata.iptc == nil && header.leftOut == ["its Photoshop resources"])
  }
}
