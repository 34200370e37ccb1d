import Pixels
import Testing

@testable import ImageFiles

@Suite struct JPEGEndTests {
  @Test func whatIsBehindAJPEGsEndIsSaid() throws {
    let image = TestPicture.noise(width: 90, height: 70, layout: .rgb, depth: 8)
    for isProgressive in [false, true] {
      let file = try ImageFile.encode(
        image, as: .jpeg, options: EncodeOptions(quality: 95, progressive: isProgressive))
      func leftOut(_ more: [UInt8]) throws -> [String] { try ImageFile.header(bytes: file + more).leftOut }
      // Its end is looked for in blocks of 65536 bytes.
      for film in [[1], [UInt8](repeating: 7, count: 200_000), Array(repeating: 0, count: 9) + [9, 0]] {
        #expect(try leftOut(film) == ["bytes behind the end of the JPEG"])
        #expect(try ImageFile.read(bytes: file + film) == ImageFile.read(bytes: file))
      }
      #expect(try leftOut([]) == [] && leftOut([0]) == [] && leftOut(Array(repeating: 0, count: 900)) == [])
      #expect(try ImageFile.header(bytes: file.dropLast(2) + [0, 0, 0]).leftOut == [], "it is cut")
    }
  }

  /// The marker may lie across the border of two blocks.
  @Test func theEndOfAJPEGIsFoundWhereverItLies() throws {
    let file = try ImageFile.encode(TestPicture.noise(width: 9, height: 9, layout: .rgb, depth: 8), as: .jpeg)
    let scan = try #require(try JPEGMarkers(Content(file)).segments.last).data.upperBound
    for length in 65_533...65_538 {
      // Within a scan such bytes would be samples.
      let long = file[..<scan] + [UInt8](repeating: 1, count: length) + [0xff, 0xd9]
      #expect(try JPEGEnd(JPEGMarkers(Content(Array(long)))).isReached)
      let end = try JPEGEnd(JPEGMarkers(Content(Array(long + [UInt8](repeating: 1, count: 9000)))))
      #expect(end.isReached && end.hasTrailingBytes, "\(length)")
      #expect(try !JPEGEnd(JPEGMarkers(Content(Array(long.dropLast())))).isReached)
    }
  }
}
