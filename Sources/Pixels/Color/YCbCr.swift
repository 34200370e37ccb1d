/// A picture as luma and chroma in double precision, as MATLAB's `rgb2ycbcr` makes them: BT.601 in studio range,
/// luma 16...235 and chroma 16...240 around 128, whatever the picture's depth.
///
/// This is the exact form for evaluation and for making training data. Upscaling uses `LumaConvention`'s float
/// form.
package struct YCbCr: Sendable, Equatable {
  package let luma: DoublePlane
  /// Nil for a gray picture.
  package let chroma: Chroma?

  package struct Chroma: Sendable, Equatable {
    package let blue: DoublePlane
    package let red: DoublePlane

    package init(blue: DoublePlane, red: DoublePlane) {
      self.blue = blue
      self.red = red
    }
  }

  /// - Parameters:
  ///   - image: alpha is left out. A gray picture's samples are the luma as they are, 0...255 and not 16...235: so
  ///     do the published evaluations.
  ///   - rounded: round luma and chroma to the picture's depth, as MATLAB does with whole-number pictures.
  package init(_ image: Image, rounded: Bool = true) {
    switch image.samples {
    case .uint8(let samples):
      self.init(samples, image.size, image.layout, steps: 1, rounded: rounded)
    case .uint16(let samples):
      self.init(samples, image.size, image.layout, steps: 257, rounded: rounded)
    }
  }

  private init<Sample: FixedWidthInteger>(
    _ samples: [Sample], _ size: Size, _ layout: Image.Layout, steps: Double, rounded: Bool
  ) {
    luma = Self.luma(samples, size, layout, steps: steps, rounded: rounded)
    guard !layout.isGray else {
      chroma = nil
      return
    }
    func plane(_ red: Double, _ green: Double, _ blue: Double) -> DoublePlane {
      let weights = Weights(offset: 128, red: red, green: green, blue: blue)
      return Self.plane(samples, size, layout, weights, steps: steps, rounded: rounded)
    }
    chroma = Chroma(blue: plane(-37.797, -74.203, 112), red: plane(112, -93.786, -18.214))
  }

  /// The luma alone, as `init` has it: at a third of the memory.
  package static func luma(of image: Image, rounded: Bool = true) -> DoublePlane {
    switch image.samples {
    case .uint8(let samples): luma(samples, image.size, image.layout, steps: 1, rounded: rounded)
    case .uint16(let samples): luma(samples, image.size, image.layout, steps: 257, rounded: rounded)
    }
  }

  private static func luma<Sample: FixedWidthInteger>(
    _ samples: [Sample], _ size: Size, _ layout: Image.Layout, steps: Double, rounded: Bool
  ) -> DoublePlane {
    if layout.isGray {
      let values = (0..<size.width * size.height).map { Double(samples[$0 * layout.channels]) / steps }
      return DoublePlane(width: size.width, height: size.height, samples: values)
    }
    let weights = Weights(offset: 16, red: 65.481, green: 128.553, blue: 24.966)
    return plane(samples, size, layout, weights, steps: steps, rounded: rounded)
  }

  /// What a plane is of three colours between 0 and 1.
  private struct Weights {
    let offset: Double
    let red: Double
    let green: Double
    let blue: Double
  }

  private static func plane<Sample: FixedWidthInteger>(
    _ samples: [Sample], _ size: Size, _ layout: Image.Layout, _ weights: Weights, steps: Double,
    rounded: Bool
  ) -> DoublePlane {
    let (channels, scale) = (layout.channels, 1 / (255 * steps))
    let (red, green, blue) = (weights.red * scale, weights.green * scale, weights.blue * scale)
    let values = (0..<size.width * size.height).map { pixel in
      let at = pixel * channels
      let value =
        weights.offset + red * Double(samples[at]) + green * Double(samples[at + 1])
        + blue * Double(samples[at + 2])
      return rounded ? (value * steps).rounded(.toNearestOrAwayFromZero) / steps : value
    }
    return DoublePlane(width: size.width, height: size.height, samples: values)
  }

  package init(luma: DoublePlane, chroma: Chroma?) {
    precondition(chroma == nil || chroma?.blue.size == luma.size && chroma?.red.size == luma.size)
    self.luma = luma
    self.chroma = chroma
  }

  /// The picture of 8 bits (`ycbcr2rgb`), gray without chroma; clipped and rounded.
  package func image() -> Image {
    func rounded(_ value: Double) -> UInt8 { UInt8(min(max(value, 0), 255) + 0.5) }
    guard let chroma else {
      return Image(
        width: luma.width, height: luma.height, layout: .gray, samples: .uint8(luma.samples.map(rounded)))
    }
    var samples: [UInt8] = []
    samples.reserveCapacity(3 * luma.samples.count)
    for i in luma.samples.indices {
      let full = (luma.samples[i] - 16) * 255 / 219
      let blue = full + (chroma.blue.samples[i] - 128) * 255 * 0.886 / 112
      let red = full + (chroma.red.samples[i] - 128) * 255 * 0.701 / 112
      let green = (full - 0.299 * red - 0.114 * blue) / 0.587
      samples += [rounded(red), rounded(green), rounded(blue)]
    }
    return Image(width: luma.width, height: luma.height, layout: .rgb, samples: .uint8(samples))
  }
}
