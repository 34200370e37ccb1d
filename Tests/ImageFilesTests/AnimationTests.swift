import ImageFiles
import Pixels
import Testing

@Suite struct AnimationTests {
  private static let first = ReadOptions(animation: .firstFrame)

  private static func apng(frames: Int, isFirstFrameDefault: Bool = true) -> PNGBuilder {
    var builder = PNGBuilder(width: 5, height: 4, depth: 8, color: .rgb) { x, y, c in 40 * x + 9 * y + c }
    builder.chunksBefore = [("acTL", PNGBuilder.word(frames) + PNGBuilder.word(0))]
    let control =
      PNGBuilder.word(5) + PNGBuilder.word(4) + PNGBuilder.word(0) + PNGBuilder.word(0) + [0, 1, 0, 10, 0, 0]
    var sequence = 0
    if isFirstFrameDefault {
      builder.chunksBefore.append(("fcTL", PNGBuilder.word(0) + control))
      sequence = 1
    }
    for _ in 0..<frames - sequence {
      builder.chunksAfter.append(("fcTL", PNGBuilder.word(sequence) + control))
      builder.chunksAfter.append(("fdAT", PNGBuilder.word(sequence + 1) + PNGBuilder.zlib(builder.rows)))
      sequence += 2
    }
    return builder
  }

  @Test func anAnimatedPNGIsRefusedOrItsDefaultImage() throws {
    let bytes = Self.apng(frames: 3).bytes
    #expect(failure(reading: bytes) == .animated(.png, frames: 3))
    let header = try ImageFile.header(bytes: bytes)
    #expect(header.isAnimated && header.frames == 3)
    var still = Self.apng(frames: 1)
    still.chunksBefore = []
    #expect(try ImageFile.read(bytes: bytes, options: Self.first) == ImageFile.read(bytes: still.bytes))
  }

  @Test func anAnimationMayBeLong() throws {
    let long = Self.apng(frames: 5002).bytes
    #expect(failure(reading: long) == .animated(.png, frames: 5002))
    #expect(try ImageFile.read(bytes: long, options: Self.first).size == Size(width: 5, height: 4))
  }

  /// Programs that know of animations show the frame and not the default image.
  @Test func oneFrameThatIsNotTheDefaultImageIsAnAnimation() throws {
    let bytes = Self.apng(frames: 1, isFirstFrameDefault: false).bytes
    #expect(failure(reading: bytes) == .animated(.png, frames: 1))
    #expect("\(ImageFileError.Cause.animated(.png, frames: 1))".contains("(1 frame)"))
    #expect(try ImageFile.read(bytes: bytes, options: Self.first).size == Size(width: 5, height: 4))
  }

  @Test func oneFrameIsAStillPicture() throws {
    #expect(try ImageFile.read(bytes: Self.apng(frames: 1).bytes).size == Size(width: 5, height: 4))
    let image = TestPicture.noise(width: 6, height: 4, layout: .rgb, depth: 8)
    let webp = try WebPBuilder.animation(image.size, [(0, 0, image)])
    #expect(try ImageFile.read(bytes: webp) == image)
  }

  @Test func anAnimatedWebPIsRefusedOrItsFirstFrame() throws {
    let image = TestPicture.noise(width: 6, height: 4, layout: .rgb, depth: 8)
    let other = TestPicture.noise(width: 6, height: 4, layout: .rgb, depth: 8, seed: 2)
    let bytes = try WebPBuilder.animation(image.size, [(0, 0, image), (0, 0, other)])
    #expect(failure(reading: bytes) == .animated(.webp, frames: 2))
    #expect(try ImageFile.read(bytes: bytes, options: Self.first) == image)
  }

  @Test func aFrameLiesWhereItBelongsOnATransparentCanvas() throws {
    let image = TestPicture.noise(width: 3, height: 2, layout: .rgb, depth: 8)
    let bytes = try WebPBuilder.animation(Size(width: 9, height: 7), [(4, 2, image), (0, 0, image)])
    let canvas = try ImageFile.read(bytes: bytes, options: Self.first)
    #expect(canvas.layout == .rgba && canvas.size == Size(width: 9, height: 7))
    for y in 0..<7 {
      for x in 0..<9 {
        let pixel = Array(canvas.values[4 * (9 * y + x)..<4 * (9 * y + x) + 4])
        let isInside = (4..<7).contains(x) && (2..<4).contains(y)
        let index = isInside ? 3 * (3 * (y - 2) + x - 4) : 0
        #expect(pixel == (isInside ? image.values[index..<index + 3] + [255] : [0, 0, 0, 0]))
      }
    }
  }

  @Test func aFrameBeyondItsCanvasIsDamage() throws {
    let image = TestPicture.noise(width: 3, height: 2, layout: .rgb, depth: 8)
    let bytes = try WebPBuilder.animation(Size(width: 6, height: 7), [(4, 2, image), (0, 0, image)])
    #expect(failure(reading: bytes, options: Self.first)?.isCorrupt == true)
    let none = WebPBuilder.file([WebPBuilder.extended(Size(width: 6, height: 7), flags: 2)])
    #expect(failure(reading: none)?.isCorrupt == true)
  }
}
