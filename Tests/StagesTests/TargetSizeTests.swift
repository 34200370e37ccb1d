import ImageFiles
import Pixels
import Stages
import Testing

@Suite struct TargetSizeTests {
  private func size(_ width: Int, _ height: Int) -> Size { Size(width: width, height: height) }

  @Test(arguments: [
    (1.0, 7, 7), (2.0, 7, 14), (2.5, 3, 8), (2.5, 4, 10), (1.5, 1, 2), (1.005, 100, 101), (1.004, 100, 100),
    (8.0, 101, 808), (1.1, 10, 11), (2.3333333, 3, 7), (1.49, 1, 1),
  ])
  func `a factor rounds to the nearest pixel, halves up`(scale: Double, length: Int, expected: Int) throws {
    let target = try TargetSize(scale: scale)
    #expect(try target.size(for: size(length, 10 * length)).width == expected)
    #expect(try target.size(for: size(10 * length, length)).height == expected)
  }

  @Test func `what is made can be read again`() {
    #expect(Limits().maxDimension == TargetSize.largestSide)
  }

  @Test func `width and height keep the aspect ratio to half a pixel`() throws {
    for width in 1...60 {
      for height in [1, 2, 3, 7, 40, 61] {
        for factor in 1...8 {
          let wide = try TargetSize(width: width * factor).size(for: size(width, height))
          #expect(wide == size(width * factor, height * factor))
          let tall = try TargetSize(height: height * factor).size(for: size(width, height))
          #expect(tall == size(width * factor, height * factor))
        }
        let odd = try TargetSize(width: 2 * width + 1).size(for: size(width, height))
        let exact = Double(height) * Double(2 * width + 1) / Double(width)
        #expect(abs(Double(odd.height) - exact) <= 0.5)
      }
    }
    #expect(try TargetSize(width: 3).size(for: size(2, 3)) == size(3, 5))
  }

  @Test func `a fitted picture touches the box and never leaves it`() throws {
    #expect(try TargetSize(fit: size(1000, 1000)).size(for: size(400, 300)) == size(1000, 750))
    #expect(try TargetSize(fit: size(1000, 400)).size(for: size(400, 300)) == size(533, 400))
    for width in 1...25 {
      for height in 1...25 {
        let box = size(97, 89)
        let fitted = try TargetSize(fit: box).size(for: size(width, height), factors: 1...100)
        #expect(fitted.width <= box.width && fitted.height <= box.height)
        #expect(fitted.width == box.width || fitted.height == box.height)
      }
    }
  }

  @Test func `a picture too small for its box grows as much as it may`() throws {
    let fit = try TargetSize(fit: size(3840, 2160))
    #expect(try fit.size(for: size(48, 32)) == size(384, 256))
    #expect(try fit.size(for: size(480, 270)) == size(3840, 2160))
    #expect(try fit.size(for: size(479, 270)) == size(3832, 2160))
    #expect(try fit.size(for: size(48, 32), factors: 1...2.5) == size(120, 80))
    #expect(throws: TargetSizeError.self) { try fit.size(for: size(3841, 2160)) }
  }

  @Test func `of so many megapixels there is no larger size of the same shape`() throws {
    #expect(try TargetSize(megapixels: 12).size(for: size(2000, 1500)) == size(4000, 3000))
    #expect(try TargetSize(megapixels: 0.012).size(for: size(40, 30)) == size(126, 95))
    for width in 1...25 {
      for height in [1, 2, 3, 7, 24, 25, 90] {
        let found = try TargetSize(megapixels: 0.02).size(for: size(width, height), factors: 0.01...1000)
        #expect(found.width * found.height <= 20_000)
        let isWide = width >= height
        let next = try isWide ? TargetSize(width: found.width + 1) : TargetSize(height: found.height + 1)
        let larger = try next.size(for: size(width, height), factors: 0.01...100_000)
        #expect(larger.width * larger.height > 20_000)
        // The other side follows as it does of a width or a height.
        let same = try isWide ? TargetSize(width: found.width) : TargetSize(height: found.height)
        #expect(try same.size(for: size(width, height), factors: 0.01...100_000) == found)
      }
    }
  }

  @Test func `megapixels neither reduce nor grow beyond the factors`() throws {
    #expect(try TargetSize(megapixels: 100).size(for: size(48, 32)) == size(384, 256))
    #expect(try TargetSize(megapixels: 0.0015).size(for: size(50, 30)) == size(50, 30))
    #expect(throws: TargetSizeError.self) { try TargetSize(megapixels: 0.001499).size(for: size(50, 30)) }
    #expect(
      try TargetSize(megapixels: 0.001).size(for: size(1_000_000, 1), factors: 0.0001...8) == size(1000, 1))
    for count in [0, -1, .nan, .infinity, 1e9] {
      #expect(throws: TargetSizeError.self) { try TargetSize(megapixels: count) }
      #expect(throws: TargetSizeError.self) { try TargetSize.megapixels(count).size(for: size(4, 4)) }
    }
    #expect(throws: TargetSizeError.unclear(isMissing: false)) { try TargetSize(scale: 2, megapixels: 1) }
  }

  @Test func `width and height together are taken as they are`() throws {
    #expect(try TargetSize(width: 30, height: 20).size(for: size(10, 10)) == size(30, 20))
  }

  @Test func `a picture is neither reduced nor enlarged beyond the factors`() throws {
    #expect(throws: TargetSizeError.self) { try TargetSize(width: 99).size(for: size(100, 50)) }
    #expect(throws: TargetSizeError.self) { try TargetSize(height: 801).size(for: size(50, 100)) }
    #expect(throws: TargetSizeError.self) { try TargetSize(width: 20, height: 9).size(for: size(10, 10)) }
    #expect(try TargetSize(width: 50).size(for: size(100, 50), factors: 0.01...100) == size(50, 25))
    #expect(try TargetSize(scale: 8).size(for: size(3, 5)) == size(24, 40))
  }

  @Test func `only one way to say the size, and only possible sizes`() {
    #expect(throws: TargetSizeError.unclear(isMissing: true)) { try TargetSize() }
    #expect(throws: TargetSizeError.unclear(isMissing: false)) { try TargetSize(scale: 2, width: 10) }
    #expect(throws: TargetSizeError.unclear(isMissing: false)) {
      try TargetSize(height: 3, fit: size(10, 10))
    }
    for scale in [0.99, 8.01, 0, -2, .nan, .infinity] {
      #expect(throws: TargetSizeError.self) { try TargetSize(scale: scale) }
    }
    for width in [0, -1, .min, .max, 1_000_001] {
      #expect(throws: TargetSizeError.self) { try TargetSize(width: width) }
      #expect(throws: TargetSizeError.self) { try TargetSize(fit: size(5, width)) }
    }
  }

  @Test func `sizes at the ends of the number range are refused, not computed`() {
    for input in [size(.max, .max), size(0, 1), size(1, .min), size(1_000_001, 1)] {
      #expect(throws: TargetSizeError.self) { try TargetSize.scale(2).size(for: input) }
    }
    #expect(throws: TargetSizeError.self) { try TargetSize.scale(8).size(for: size(1_000_000, 1)) }
    for scale in [-1e300, 1e300, .nan, -.infinity, .infinity] {
      #expect(throws: TargetSizeError.self) { try TargetSize.scale(scale).size(for: size(4, 4)) }
    }
    for target in [TargetSize.width(.max), .height(.min), .fit(size(.max, .max)), .exact(size(0, .max))] {
      #expect(throws: TargetSizeError.self) { try target.size(for: size(4, 4)) }
    }
  }
}
