/// A picture's interleaved samples read as rectangles of floats: luma, colour differences, single channels.
///
/// Valid inside `Image.withSampleSource` only, from any thread. Targets are dense: rows `rect.width` apart.
/// Every value depends on its pixel alone, whatever rectangle it is read in.
package struct SampleSource: @unchecked Sendable {
  private enum Base {
    case uint8(UnsafePointer<UInt8>)
    case uint16(UnsafePointer<UInt16>)
  }

  package let size: Size
  package let layout: Image.Layout
  private let base: Base

  /// The samples' largest value, 255 or 65535.
  package var peak: Float {
    if case .uint8 = base { 255 } else { 65_535 }
  }

  fileprivate init(_ image: Image, _ base: UnsafePointer<UInt8>) {
    (size, layout, self.base) = (image.size, image.layout, .uint8(base))
  }

  fileprivate init(_ image: Image, _ base: UnsafePointer<UInt16>) {
    (size, layout, self.base) = (image.size, image.layout, .uint16(base))
  }
}

extension Image {
  /// Lends the samples to `body`.
  package func withSampleSource<Result, Failure: Error>(
    _ body: (SampleSource) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch samples {
    case .uint8(let values):
      try values.withUnsafeBufferPointer { (buffer) throws(Failure) in
        try body(SampleSource(self, buffer.baseAddress.unsafelyUnwrapped))
      }
    case .uint16(let values):
      try values.withUnsafeBufferPointer { (buffer) throws(Failure) in
        try body(SampleSource(self, buffer.baseAddress.unsafelyUnwrapped))
      }
    }
  }
}

// MARK: - Reading

extension SampleSource {
  /// The luma of a rectangle's pixels, as `convention` has it.
  package func readLuma(
    of rect: Rect, _ convention: LumaConvention, into target: UnsafeMutablePointer<Float>
  ) {
    let scale = convention.range / peak
    switch base {
    case .uint8(let base): luma(base, rect, convention.offset, scale, target)
    case .uint16(let base): luma(base, rect, convention.offset, scale, target)
    }
  }

  /// R - G and B - G in units of a sample: with the luma they say the same as BT.601's two chroma planes, and are
  /// exactly zero where the picture is gray.
  package func readColorDifferences(
    of rect: Rect, red: UnsafeMutablePointer<Float>, blue: UnsafeMutablePointer<Float>
  ) {
    switch base {
    case .uint8(let base): differences(base, rect, red, blue)
    case .uint16(let base): differences(base, rect, red, blue)
    }
  }

  /// One channel in units of a sample.
  package func read(channel: Int, of rect: Rect, into target: UnsafeMutablePointer<Float>) {
    precondition((0..<layout.channels).contains(channel))
    switch base {
    case .uint8(let base): plain(base, channel, rect, target)
    case .uint16(let base): plain(base, channel, rect, target)
    }
  }

  @inline(__always)
  private func luma<Sample: FixedWidthInteger>(
    _ base: UnsafePointer<Sample>, _ rect: Rect, _ offset: Float, _ scale: Float,
    _ target: UnsafeMutablePointer<Float>
  ) {
    if layout.isGray {
      layout.forEachRow(of: rect, in: size) { y, start in
        layout.forEachPixel(base + start, rect.width) { x, pixel in
          target[y &* rect.width &+ x] = offset + scale * Float(pixel.pointee)
        }
      }
    } else {
      layout.forEachRow(of: rect, in: size) { y, start in
        layout.forEachPixel(base + start, rect.width) { x, pixel in
          let green = Float(pixel[1])
          let red = Float(pixel[0]) - green
          let blue = Float(pixel[2]) - green
          let full = green + (LumaConvention.red * red + LumaConvention.blue * blue)
          target[y &* rect.width &+ x] = offset + scale * full
        }
      }
    }
  }

  @inline(__always)
  private func differences<Sample: FixedWidthInteger>(
    _ base: UnsafePointer<Sample>, _ rect: Rect, _ red: UnsafeMutablePointer<Float>,
    _ blue: UnsafeMutablePointer<Float>
  ) {
    precondition(!layout.isGray)
    layout.forEachRow(of: rect, in: size) { y, start in
      layout.forEachPixel(base + start, rect.width) { x, pixel in
        let green = Float(pixel[1])
        red[y &* rect.width &+ x] = Float(pixel[0]) - green
        blue[y &* rect.width &+ x] = Float(pixel[2]) - green
      }
    }
  }

  @inline(__always)
  private func plain<Sample: FixedWidthInteger>(
    _ base: UnsafePointer<Sample>, _ channel: Int, _ rect: Rect, _ target: UnsafeMutablePointer<Float>
  ) {
    layout.forEachRow(of: rect, in: size) { y, start in
      layout.forEachPixel(base + start + channel, rect.width) { x, pixel in
        target[y &* rect.width &+ x] = Float(pixel.pointee)
      }
    }
  }
}
