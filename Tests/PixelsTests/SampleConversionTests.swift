import Pixels
import TestSupport
import Testing

/// `SampleSource` and `SampleTarget`: whole numbers to luma and colour differences and back.
@Suite struct SampleConversionTests {
  private struct Planes {
    var luma: [Float]
    var red: [Float]
    var blue: [Float]
  }

  private static func planes(_ image: Image, _ rect: Rect, _ convention: LumaConvention = .studio) -> Planes {
    let empty = [Float](repeating: .nan, count: rect.width * rect.height)
    var planes = Planes(luma: empty, red: empty, blue: empty)
    image.withSampleSource { source in
      source.readLuma(of: rect, convention, into: &planes.luma)
      if !image.layout.isGray { source.readColorDifferences(of: rect, red: &planes.red, blue: &planes.blue) }
    }
    return planes
  }

  @Test(arguments: [LumaConvention.studio, .full], [8, 16])
  func colorsComeBackExactly(convention: LumaConvention, depth: Int) {
    let image = Pictures.noise(width: 61, height: 47, layout: .rgb, depth: depth, seed: 3)
    let whole = Rect(x: 0, y: 0, width: 61, height: 47)
    let planes = Self.planes(image, whole, convention)
    let back = Image.Samples.making(image.size, .rgb, depth: depth) {
      $0.writeColor(whole, luma: planes.luma, stride: 61, red: planes.red, blue: planes.blue, convention)
    }
    #expect(back == image.samples)
  }

  @Test(arguments: [8, 16]) func floatLumaIsTheExactOneButForRounding(depth: Int) {
    let image = Pictures.noise(width: 61, height: 47, layout: .rgba, depth: depth, seed: 4)
    let planes = Self.planes(image, Rect(x: 0, y: 0, width: 61, height: 47))
    let exact = YCbCr(image, rounded: false).luma.samples
    // Seven roundings of values up to 1.
    let bound = 7 * Double(Float.ulpOfOne)
    #expect(zip(planes.luma, exact).allSatisfy { abs(Double($0) - $1 / 255) <= bound })
  }

  @Test(arguments: [8, 16]) func grayHasTheLumaOfEqualColors(depth: Int) {
    let gray = Pictures.noise(width: 64, height: 4, layout: .gray, depth: depth, seed: 5)
    let samples: Image.Samples =
      switch gray.samples {
      case .uint8(let values): .uint8(values.flatMap { [$0, $0, $0] })
      case .uint16(let values): .uint16(values.flatMap { [$0, $0, $0] })
      }
    let color = Image(width: 64, height: 4, layout: .rgb, samples: samples)
    let whole = Rect(x: 0, y: 0, width: 64, height: 4)
    let (a, b) = (Self.planes(gray, whole), Self.planes(color, whole))
    #expect(a.luma == b.luma)
    #expect(b.red.allSatisfy { $0 == 0 } && b.blue.allSatisfy { $0 == 0 })
    let back = Image.Samples.making(gray.size, .gray, depth: depth) {
      $0.writeGray(whole, luma: a.luma, stride: 64, .studio)
    }
    #expect(back == gray.samples)
    let equalColors = Image.Samples.making(gray.size, .rgb, depth: depth) {
      $0.writeGray(whole, luma: a.luma, stride: 64, .studio)
    }
    #expect(equalColors == samples)
  }

  @Test(arguments: Image.Layout.allCases, [8, 16])
  func rectanglesTouchTheirOwnPixelsOnly(layout: Image.Layout, depth: Int) {
    let image = Pictures.noise(width: 9, height: 7, layout: layout, depth: depth, seed: 6)
    let rect = Rect(x: 2, y: 3, width: 5, height: 2)
    let whole = Rect(x: 0, y: 0, width: 9, height: 7)
    let zeros = [Float](repeating: 0, count: 63)
    let samples = Image.Samples.making(image.size, layout, depth: depth) { target in
      for channel in 0..<layout.channels { target.write(channel: channel, whole, zeros) }
      image.withSampleSource { source in
        var values = [Float](repeating: .nan, count: 10)
        for channel in 0..<layout.channels {
          source.read(channel: channel, of: rect, into: &values)
          target.write(channel: channel, rect, values)
        }
      }
    }
    let result = Image(width: 9, height: 7, layout: layout, samples: samples)
    for y in 0..<7 {
      for x in 0..<9 {
        let inside = (2..<7).contains(x) && (3..<5).contains(y)
        for channel in 0..<layout.channels {
          let index = (y * 9 + x) * layout.channels + channel
          #expect(Self.value(result, index) == (inside ? Self.value(image, index) : 0))
        }
      }
    }
  }

  @Test func valuesBeyondTheRangeAreClippedAndNaNIsBlack() {
    let values: [Float] = [-.infinity, -3, 0.49, 0.5, 254.5, 300, .infinity, .nan]
    let size = Size(width: 8, height: 1)
    let samples = Image.Samples.making(size, .gray, depth: 8) {
      $0.write(channel: 0, Rect(x: 0, y: 0, width: 8, height: 1), values)
    }
    #expect(samples == .uint8([0, 0, 0, 1, 255, 255, 255, 0]))
    let wide = Image.Samples.making(size, .gray, depth: 16) {
      $0.write(channel: 0, Rect(x: 0, y: 0, width: 8, height: 1), values.map { $0 * 257 })
    }
    #expect(wide == .uint16([0, 0, 126, 129, 65407, 65535, 65535, 0]))
  }

  @Test(arguments: [8, 16]) func halvesGoUpAndAllElseToTheNearest(depth: Int) {
    // From 1 on, for the number just below 0.5 makes 1 with 0.5 in a float.
    let values = (1..<(1 << depth) - 1).flatMap { level in
      let half = Float(level) + 0.5
      return [Float(level), Float(level).nextUp, half.nextDown, half, half.nextUp, Float(level + 1).nextDown]
    }
    let size = Size(width: values.count, height: 1)
    let samples = Image.Samples.making(size, .gray, depth: depth) {
      $0.write(channel: 0, Rect(x: 0, y: 0, width: size.width, height: 1), values)
    }
    let result = Image(width: size.width, height: 1, layout: .gray, samples: samples)
    let wrong = values.indices.filter { Self.value(result, $0) != Int(Double(values[$0]) + 0.5) }
    #expect(wrong.isEmpty, "\(wrong.prefix(3).map { (values[$0], Self.value(result, $0)) })")
  }

  private static func value(_ image: Image, _ index: Int) -> Int {
    switch image.samples {
    case .uint8(let values): Int(values[index])
    case .uint16(let values): Int(values[index])
    }
  }

  @Test func blackAndWhiteAreAConventionsOwn() {
    for (convention, black, white) in [
      (LumaConvention.studio, 16.0 / 255, 235.0 / 255), (.full, 0, 1),
    ] {
      #expect(convention.value(ofLevel: 16) == black && convention.value(ofLevel: 235) == white)
      #expect(abs(convention.level(ofValue: black) - 16) < 1e-12)
      #expect(abs(convention.level(ofValue: white) - 235) < 1e-12)
    }
  }
}
