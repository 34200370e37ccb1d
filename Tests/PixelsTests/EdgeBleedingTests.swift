import Pixels
import TestSupport
import Testing

@Suite struct EdgeBleedingTests {
  private static func picture(_ width: Int, _ height: Int, _ pixel: (Int, Int) -> [UInt8]) -> Image {
    let samples = (0..<width * height).flatMap { pixel($0 % width, $0 / width) }
    return Image(width: width, height: height, layout: .rgba, samples: .uint8(samples))
  }

  @Test func visiblePixelsAndAlphaStay() {
    var samples = Pictures.noise(width: 33, height: 21, layout: .rgba, depth: 16, seed: 1).samples.values
    for pixel in 0..<33 * 21 where pixel % 3 != 0 { samples[4 * pixel + 3] = 0 }
    let holed = Image(width: 33, height: 21, layout: .rgba, samples: .uint16(samples.map(UInt16.init)))
    let filled = holed.edgeBled().samples.values
    for pixel in 0..<33 * 21 {
      #expect(filled[4 * pixel + 3] == samples[4 * pixel + 3])
      if pixel % 3 == 0 { #expect(filled[4 * pixel..<4 * pixel + 3] == samples[4 * pixel..<4 * pixel + 3]) }
    }
  }

  @Test func oneVisibleColorFillsEverything() {
    for (width, height) in [(1, 9), (17, 1), (40, 23)] {
      let image = Self.picture(width, height) { x, y in
        x == width / 2 && y == height / 2 ? [200, 100, 50, 3] : [1, 2, 3, 0]
      }
      let expected = Self.picture(width, height) { x, y in
        [200, 100, 50, x == width / 2 && y == height / 2 ? 3 : 0]
      }
      #expect(image.edgeBled() == expected)
    }
  }

  @Test func holesAreBetweenTheirNeighbors() {
    let image = Self.picture(32, 4) { x, _ in
      x < 8 ? [40, 0, 0, 255] : x < 24 ? [255, 255, 255, 0] : [200, 0, 0, 255]
    }
    let filled = image.edgeBled().samples.values
    let row = (0..<32).map { filled[4 * $0] }
    #expect(row == row.sorted())
    #expect(row[8] < 60 && row[23] > 180)
  }

  /// By hand: of halves 10, -, 21 and quarters 10, 21 the hole is 12.75, and beside it are 12.25 and 15; all are rounded.
  @Test func holesAreInterpolatedAndRounded() {
    let row: [UInt8?] = [10, 10, nil, nil, 21, 21]
    let expected: [Int] = [10, 10, 12, 15, 21, 21]
    // An average of two by two, too: 10.5 is 11.
    let halves: [UInt8?] = [10, 11, nil, nil]
    for (row, expected) in [(row, expected), (halves, [10, 11, 11, 11])] {
      func pixel(_ index: Int) -> [UInt8] { row[index].map { [$0, 0, 0, 255] } ?? [99, 99, 99, 0] }
      let across = Self.picture(row.count, 1) { x, _ in pixel(x) }.edgeBled().samples.values
      let down = Self.picture(1, row.count) { _, y in pixel(y) }.edgeBled().samples.values
      for filled in [across, down] { #expect(row.indices.map { filled[4 * $0] } == expected) }
    }
  }

  @Test func whatIsAllHiddenStays() {
    let image = Self.picture(5, 5) { x, y in [UInt8(x), UInt8(y), 7, 0] }
    #expect(image.edgeBled() == image)
    #expect(!image.isOpaque)
  }

  @Test func opacityIsExact() {
    let opaque = Self.picture(5, 5) { x, y in [UInt8(x), UInt8(y), 7, 255] }
    #expect(opaque.isOpaque)
    #expect(!Self.picture(5, 5) { x, y in [0, 0, 0, x * y == 16 ? 254 : 255] }.isOpaque)
    #expect(Pictures.noise(width: 3, height: 3, layout: .rgb, seed: 1).isOpaque)
  }

  @Test(arguments: [Image.Layout.rgba, .grayAlpha]) func allColorsAreInterpolatedAlike(layout: Image.Layout) {
    let row: [UInt8?] = [10, 11, nil, nil]
    let colors = layout.channels - 1
    let samples = row.flatMap { value -> [UInt8] in
      [UInt8](repeating: value ?? 99, count: colors) + [value == nil ? 0 : 255]
    }
    let image = Image(width: 4, height: 1, layout: layout, samples: .uint8(samples))
    let filled = image.edgeBled().samples.values
    for color in 0..<colors {
      #expect((0..<4).map { filled[layout.channels * $0 + color] } == [10, 11, 11, 11])
    }
  }
}
