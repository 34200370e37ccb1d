import ImageFiles
import Pixels
import Testing

@Suite struct RoundTripTests {
  @Test(arguments: Image.Layout.allCases, [8, 16])
  func pngKeepsEverySample(layout: Image.Layout, depth: Int) throws {
    let image = TestPicture.noise(width: 37, height: 23, layout: layout, depth: depth)
    let bytes = try ImageFile.encode(image, as: .png)
    let read = try ImageFile.read(bytes: bytes)
    #expect(read == image)
  }

  /// Rows of whole and of part vectors, in files of several pieces.
  @Test(arguments: Image.Layout.allCases, [8, 16])
  func pngOfManyChunksKeepsEverySample(layout: Image.Layout, depth: Int) throws {
    let image = TestPicture.noise(width: 331, height: 457, layout: layout, depth: depth)
    let bytes = try ImageFile.encode(image, as: .png)
    let chunks = bytes.indices.dropLast(3).filter { bytes[$0..<$0 + 4].elementsEqual("IDAT".utf8) }
    #expect(chunks.count > 1 || layout == .gray)
    #expect(try ImageFile.read(bytes: bytes) == image)
    var options = EncodeOptions()
    options.threads = 3
    #expect(try ImageFile.encode(image, as: .png, options: options) == bytes, "whatever the threads")
  }

  @Test(arguments: [Image.Layout.rgb, .rgba])
  func losslessWebPKeepsEverySample(layout: Image.Layout) throws {
    let image = TestPicture.noise(width: 37, height: 23, layout: layout, depth: 8)
    let bytes = try ImageFile.encode(image, as: .webp, options: EncodeOptions(lossless: true))
    #expect(try ImageFile.read(bytes: bytes) == image)
  }

  @Test(arguments: [Image.Layout.gray, .rgb])
  func jpegStaysClose(layout: Image.Layout) throws {
    let image = TestPicture.smooth(width: 37, height: 23, layout: layout, depth: 8)
    let read = try ImageFile.read(bytes: ImageFile.encode(image, as: .jpeg))
    #expect(read.layout == layout && read.size == image.size)
    #expect(TestPicture.greatestDifference(read, image) <= 6)
  }
}
