import Pixels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct SSIMTests {
  private static let pattern = plane(19, 17) { x, y in (x * 37 + y * 101) % 256 }
  private static let disturbed = plane(19, 17) { x, y in (x * 37 + y * 101 + (x * y) % 7 * 9) % 256 }

  @Test func agreesWithTheDefinitionWindowByWindow() throws {
    let value = try #require(ssim(Self.pattern, Self.disturbed))
    #expect(abs(value - Self.direct(Self.pattern, Self.disturbed)) < 1e-12)
    // The same sum as NumPy has it.
    #expect(abs(value - 0.596_792_620_582_583_4) < 1e-12)
  }

  @Test func dependsOnTheSamplesAsFractionsOfTheirPeak() throws {
    func fractions(_ plane: DoublePlane) -> DoublePlane {
      DoublePlane(width: plane.width, height: plane.height, samples: plane.samples.map { $0 / 255 })
    }
    let value = try #require(ssim(fractions(Self.pattern), fractions(Self.disturbed), peak: 1))
    #expect(abs(value - (try #require(ssim(Self.pattern, Self.disturbed)))) < 1e-12)
  }

  @Test func isOneForEqualPlanesAndSymmetric() throws {
    #expect(abs(try #require(ssim(Self.pattern, Self.pattern)) - 1) < 1e-14)
    #expect(ssim(Self.pattern, Self.disturbed) == ssim(Self.disturbed, Self.pattern))
  }

  @Test func needsAWholeWindow() {
    let narrow = Self.plane(10, 40) { x, y in x + y }
    #expect(ssim(narrow, narrow) == nil)
    let one = Self.plane(11, 11) { x, y in x * y }
    #expect(ssim(one, one) != nil)
  }

  private static func plane(_ width: Int, _ height: Int, _ value: (Int, Int) -> Int) -> DoublePlane {
    let samples = (0..<width * height).map { Double(value($0 % width, $0 / width)) }
    return DoublePlane(width: width, height: height, samples: samples)
  }

  /// Every window by itself, its weights as a whole square.
  private static func direct(_ a: DoublePlane, _ b: DoublePlane) -> Double {
    let square = (0..<121).map { index in
      let (dx, dy) = (index % 11 - 5, index / 11 - 5)
      return exp(-Double(dx * dx + dy * dy) / 4.5)
    }
    let total = square.reduce(0, +)
    var sum = 0.0
    var count = 0.0
    for y in 0..<a.height - 10 {
      for x in 0..<a.width - 10 {
        func mean(_ value: (Int) -> Double) -> Double {
          (0..<121).reduce(0) { $0 + square[$1] / total * value((y + $1 / 11) * a.width + x + $1 % 11) }
        }
        let (meanA, meanB) = (mean { a.samples[$0] }, mean { b.samples[$0] })
        let varianceA = mean { (a.samples[$0] - meanA) * (a.samples[$0] - meanA) }
        let varianceB = mean { (b.samples[$0] - meanB) * (b.samples[$0] - meanB) }
        let covariance = mean { (a.samples[$0] - meanA) * (b.samples[$0] - meanB) }
        sum +=
          (2 * meanA * meanB + 6.5025) * (2 * covariance + 58.5225)
          / ((meanA * meanA + meanB * meanB + 6.5025) * (varianceA + varianceB + 58.5225))
        count += 1
      }
    }
    return sum / count
  }
}
