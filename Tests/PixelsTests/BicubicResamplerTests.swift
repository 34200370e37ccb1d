import Pixels
import TestSupport
import Testing

@Suite struct BicubicResamplerTests {
  private static let sizes: [(Size, Size)] = [
    (Size(width: 1, height: 1), Size(width: 7, height: 5)),
    (Size(width: 2, height: 3), Size(width: 9, height: 4)),
    (Size(width: 17, height: 13), Size(width: 34, height: 26)),
    (Size(width: 17, height: 13), Size(width: 51, height: 52)),
    (Size(width: 23, height: 19), Size(width: 58, height: 47)),
    (Size(width: 40, height: 31), Size(width: 13, height: 9)),
    (Size(width: 40, height: 31), Size(width: 3, height: 60)),
    (Size(width: 5, height: 4), Size(width: 1, height: 1)),
  ]

  @Test(arguments: sizes) func agreesWithTheDoublePrecisionDefinition(from: Size, to: Size) {
    let plane = Pictures.noise(width: from.width, height: from.height, seed: 1)
    let result = BicubicResampler(from: from, to: to).resize(plane)
    let expected = imresize(
      plane.pixels.map { Double($0) }, width: from.width, height: from.height, toWidth: to.width,
      toHeight: to.height)
    // Two passes of at most `taps` products of samples up to 1 with weights whose absolute sum is below 1.6.
    let taps = 4 * (1 + max(from.width / to.width, from.height / to.height))
    let bound = 2 * Double(taps + 2) * 1.6 * 1.6 * Double(Float.ulpOfOne)
    for (value, reference) in zip(result.pixels, expected) {
      #expect(abs(Double(value) - reference) <= bound)
    }
  }

  @Test(arguments: sizes) func anyRectangleIsBitIdenticalToTheWhole(from: Size, to: Size) {
    let plane = Pictures.noise(width: from.width, height: from.height, seed: 2)
    let resampler = BicubicResampler(from: from, to: to)
    let whole = resampler.resize(plane)
    var random = RandomSource(seed: 3)
    for _ in 0..<60 {
      let x = random.below(to.width)
      let y = random.below(to.height)
      let rect = Rect(
        x: x, y: y, width: 1 + random.below(to.width - x), height: 1 + random.below(to.height - y))
      // Only the stated part of the input, with poison around it.
      let needed = resampler.sourceRect(for: rect)
      var held = [Float](repeating: .nan, count: (needed.width + 3) * needed.height)
      for row in 0..<needed.height {
        for column in 0..<needed.width {
          held[row * (needed.width + 3) + column] = plane[needed.x + column, needed.y + row]
        }
      }
      let stride = rect.width + 2
      var tile = [Float](repeating: -7, count: stride * rect.height)
      resampler.resize(
        from: held, sourceStride: needed.width + 3, origin: (needed.x, needed.y), rect: rect, into: &tile,
        stride: stride)
      for row in 0..<rect.height {
        for column in 0..<stride {
          let expected = column < rect.width ? whole[x + column, y + row] : -7
          #expect(tile[row * stride + column].bitPattern == expected.bitPattern)
        }
      }
    }
  }

  @Test func sameSizeIsTheIdentity() {
    let plane = Pictures.noise(width: 19, height: 11, seed: 4)
    let size = Size(width: 19, height: 11)
    #expect(BicubicResampler(from: size, to: size).resize(plane) == plane)
  }

  @Test func doublingAnImpulseGivesTheKernel() {
    var plane = Plane(width: 9, height: 1)
    plane[4, 0] = 1
    let result = BicubicResampler(from: Size(width: 9, height: 1), to: Size(width: 18, height: 1))
      .resize(plane)
    // Keys' kernel at distances 1.75, 1.25, 0.75, 0.25: all exact in single precision.
    let rising: [Float] = [-0.0234375, -0.0703125, 0.2265625, 0.8671875]
    let zeros = [Float](repeating: 0, count: 5)
    #expect(result.pixels == zeros + rising + rising.reversed() + zeros)
  }

  @Test func withoutAntialiasingTheKernelKeepsItsWidth() {
    var plane = Plane(width: 16, height: 1)
    plane[7, 0] = 1
    let result = BicubicResampler(
      from: Size(width: 16, height: 1), to: Size(width: 8, height: 1), antialias: false
    ).resize(plane)
    // Keys' kernel at 1.5 to the left and 0.5 to the right: exact in single precision.
    #expect(result.pixels == [0, 0, 0, 0.5625, -0.0625, 0, 0, 0])
  }
}
