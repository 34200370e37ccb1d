import Pixels
import TestSupport
import Testing

@Suite struct YCbCrTests {
  private static func picture(_ pixels: [[UInt8]]) -> Image {
    Image(width: pixels.count, height: 1, layout: .rgb, samples: .uint8(pixels.flatMap { $0 }))
  }

  /// What MATLAB's `rgb2ycbcr` gives for the corners of the colour cube.
  @Test func cornersAreMATLABs() throws {
    let image = Self.picture([
      [0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [0, 255, 255],
      [255, 0, 255],
    ])
    let color = YCbCr(image)
    let chroma = try #require(color.chroma)
    #expect(color.luma.samples == [16, 235, 81, 145, 41, 210, 170, 106])
    #expect(chroma.blue.samples == [128, 128, 90, 54, 240, 16, 166, 202])
    #expect(chroma.red.samples == [128, 128, 240, 34, 110, 146, 16, 222])
  }

  @Test func withoutRoundingTheWayBackIsExact() {
    let image = Pictures.noise(width: 40, height: 30, layout: .rgb, seed: 1)
    #expect(YCbCr(image, rounded: false).image() == image)
  }

  @Test func luma16BitsIsRoundedTo16Bits() {
    let image = Image(width: 1, height: 1, layout: .rgb, samples: .uint16([65535, 0, 0]))
    // 257 * (16 + 65.481) = 20940.6
    #expect(YCbCr(image).luma.samples == [20941.0 / 257])
  }

  @Test func aGrayPictureIsItsOwnLuma() {
    let image = Image(width: 3, height: 1, layout: .grayAlpha, samples: .uint8([0, 9, 128, 9, 255, 9]))
    let color = YCbCr(image)
    #expect(color.luma.samples == [0, 128, 255])
    #expect(color.chroma == nil)
    #expect(color.image() == Image(width: 3, height: 1, layout: .gray, samples: .uint8([0, 128, 255])))
  }

  @Test(arguments: [Image.Layout.gray, .rgba], [8, 16]) func theLumaAloneIsTheSame(
    layout: Image.Layout, depth: Int
  ) {
    let image = Pictures.noise(width: 9, height: 7, layout: layout, depth: depth, seed: 2)
    let color = YCbCr(image)
    #expect(YCbCr.luma(of: image) == color.luma)
    // Of whatever depth, levels of 8 bits.
    #expect(color.luma.samples.allSatisfy { (0...255).contains($0) })
    #expect(color.luma.samples.contains { $0 > 128 })
  }

  @Test func levelsBeyondBlackAndWhiteAreClipped() {
    let luma = DoublePlane(width: 2, height: 1, samples: [0, 255])
    let gray = DoublePlane(width: 2, height: 1, samples: [128, 128])
    let picture = YCbCr(luma: luma, chroma: .init(blue: gray, red: gray)).image()
    #expect(picture.samples == .uint8([0, 0, 0, 255, 255, 255]))
  }
}
