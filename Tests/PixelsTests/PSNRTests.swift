import Pixels
import Testing

@Suite struct PSNRTests {
  @Test func followsItsDefinition() {
    // Differences 1, 2, 3, 4: mean square 7.5.
    let a = DoublePlane(width: 2, height: 2, samples: [10, 20, 30, 40])
    let b = DoublePlane(width: 2, height: 2, samples: [11, 18, 33, 36])
    // 10 log10(65025 / 7.5)
    #expect(abs(psnr(a, b) - 39.380_190_974_762_1) < 1e-12)
    #expect(abs(psnr(a, b, peak: 100) - 31.249_387_366_083) < 1e-12)
  }

  @Test func equalPlanesHaveNoNoise() {
    let a = DoublePlane(width: 3, height: 1, samples: [0, 127.5, 255])
    #expect(psnr(a, a) == .infinity)
  }
}
