import Pixels
import SuperResolution
import TestSupport
import Testing

@Suite struct UpscalerAlphaTests {
  private static func random() throws -> Upscaler {
    Upscaler(try Network(Model(layers: randomLayers([1, 8, 8, 1], seed: 5))))
  }

  private static func plain() throws -> Upscaler {
    let layer = Model.Layer(
      inputChannels: 1, outputChannels: 1, weights: [Float](repeating: 0, count: 9), relu: false)
    return Upscaler(try Network(Model(layers: [layer])))
  }

  /// A picture from 8-bit values, at either depth.
  private static func picture(
    _ width: Int, _ height: Int, _ layout: Image.Layout, depth: Int = 8, _ pixel: (Int, Int) -> [Int]
  ) -> Image {
    let samples = (0..<width * height).flatMap { pixel($0 % width, $0 / width) }
    return Image(
      width: width, height: height, layout: layout,
      samples: depth == 16 ? .uint16(samples.map { UInt16($0 * 257) }) : .uint8(samples.map { UInt8($0) }))
  }

  @Test(arguments: [8, 16]) func opaqueStaysOpaqueAndIsLikeNoAlpha(depth: Int) throws {
    var generator = RandomSource(seed: 1)
    let colors = (0..<40 * 30).map { _ in (0..<3).map { _ in generator.below(256) } }
    for (with, without) in [(Image.Layout.rgba, Image.Layout.rgb), (.grayAlpha, .gray)] {
      let channels = without.channels
      let opaque = Self.picture(40, 30, with, depth: depth) { colors[$1 * 40 + $0].prefix(channels) + [255] }
      let plain = Self.picture(40, 30, without, depth: depth) { Array(colors[$1 * 40 + $0].prefix(channels)) }
      for size in [Size(width: 90, height: 61), Size(width: 11, height: 7)] {
        let result = try Self.random().upscale(opaque, to: size).samples.values
        let expected = try Self.random().upscale(plain, to: size).samples.values
        let peak = depth == 16 ? 65_535 : 255
        for pixel in 0..<size.width * size.height {
          #expect(result[pixel * (channels + 1) + channels] == peak)
          #expect(
            result[pixel * (channels + 1)..<pixel * (channels + 1) + channels]
              == expected[pixel * channels..<(pixel + 1) * channels])
        }
      }
    }
  }

  @Test(arguments: [8, 16]) func hiddenColorsDoNotMatter(depth: Int) throws {
    func disc(hidden: (Int, Int) -> [Int]) -> Image {
      Self.picture(40, 40, .rgba, depth: depth) { x, y in
        (x - 20) * (x - 20) + (y - 20) * (y - 20) < 150 ? [250, 200 - x, 100 + y, 255] : hidden(x, y) + [0]
      }
    }
    let size = Size(width: 100, height: 100)
    let black = try Self.random().upscale(disc { _, _ in [0, 0, 0] }, to: size)
    let wild = try Self.random().upscale(
      disc { x, y in [x * 91 % 256, y * 57 % 256, x * y % 256] }, to: size)
    let isSame = black == wild
    #expect(isSame)
  }

  @Test func edgesDoNotFringe() throws {
    // One colour on nothing: whatever shows has that colour.
    let image = Self.picture(30, 30, .rgba) { x, y in
      (8..<22).contains(x) && (8..<22).contains(y) ? [240, 120, 30, 255] : [0, 255, 0, 0]
    }
    let result = try Self.plain().upscale(image, to: Size(width: 75, height: 75)).samples.values
    let shown = stride(from: 0, to: result.count, by: 4).filter { result[$0 + 3] > 0 }
    #expect(shown.count > 35 * 35)
    #expect(shown.allSatisfy { Array(result[$0..<$0 + 3]) == [240, 120, 30] })
  }

  @Test func compositingCommutesWithUpscaling() throws {
    var generator = RandomSource(seed: 2)
    // Values that stay inside the range when interpolated: clipping is not linear.
    let image = Self.picture(24, 18, .rgba, depth: 16) { _, _ in
      (0..<3).map { _ in 100 + generator.below(40) } + [90 + generator.below(60)]
    }
    let size = Size(width: 60, height: 41)
    let result = try Self.plain().upscale(image, to: size).samples.values
    let original = image.samples.values
    for background in [0.0, 30_000] {
      for channel in 0..<3 {
        let flat = (0..<24 * 18).map { pixel in
          let alpha = Double(original[4 * pixel + 3]) / 65_535
          return Double(original[4 * pixel + channel]) * alpha + background * (1 - alpha)
        }
        let expected = imresize(flat, width: 24, height: 18, toWidth: 60, toHeight: 41)
        for pixel in 0..<60 * 41 {
          let alpha = Double(result[4 * pixel + 3]) / 65_535
          let value = Double(result[4 * pixel + channel]) * alpha + background * (1 - alpha)
          // Colour and alpha are each rounded to whole numbers.
          #expect(abs(value - expected[pixel]) <= 1.1)
        }
      }
    }
  }

  @Test(arguments: [8, 16]) func whatIsNearlyOpaqueStaysSo(depth: Int) throws {
    let image = Self.picture(9, 7, .grayAlpha, depth: depth) { x, y in [100 + x * y, 254] }
    let result = try Self.random().upscale(image, to: Size(width: 20, height: 15)).samples.values
    #expect((0..<300).allSatisfy { result[2 * $0 + 1] == (depth == 16 ? 254 * 257 : 254) })
  }

  @Test func farFromTransparencyNothingChanges() throws {
    var generator = RandomSource(seed: 3)
    let colors = (0..<60 * 30).map { _ in (0..<3).map { _ in generator.below(256) } }
    let cut = Self.picture(60, 30, .rgba) { x, y in colors[y * 60 + x] + [x < 10 ? 0 : x < 12 ? 100 : 255] }
    let whole = Self.picture(60, 30, .rgb) { x, y in colors[y * 60 + x] }
    let result = try Self.random().upscale(cut, to: Size(width: 120, height: 60)).samples.values
    let expected = try Self.random().upscale(whole, to: Size(width: 120, height: 60)).samples.values
    // Alpha is full from column 12 on; interpolation reaches 2 pixels, three layers 3 of the result's.
    for y in 0..<60 {
      for x in 32..<120 {
        let pixel = y * 120 + x
        #expect(result[4 * pixel..<4 * pixel + 3] == expected[3 * pixel..<3 * pixel + 3])
        #expect(result[4 * pixel + 3] == 255)
      }
    }
  }
}
