/// The interleaved samples of a picture in the making, written as rectangles from any thread; no pixel's channel
/// twice. Valid inside `Image.Samples.making` only.
///
/// Values are rounded to the nearest whole number and clipped; what is not a number becomes 0.
package struct SampleTarget: @unchecked Sendable {
  fileprivate enum Base {
    case uint8(UnsafeMutablePointer<UInt8>)
    case uint16(UnsafeMutablePointer<UInt16>)
  }

  package let size: Size
  package let layout: Image.Layout
  fileprivate let base: Base
  fileprivate let mapping: SharedMapping?

  package var peak: Float {
    if case .uint8 = base { 255 } else { 65_535 }
  }
}

extension Image.Samples {
  /// Samples of a picture, every one of which `body` has to write. Nothing of them is seen when it throws.
  package static func making<Failure: Error>(
    _ size: Size, _ layout: Image.Layout, depth: Int, _ body: (SampleTarget) throws(Failure) -> Void
  ) throws(Failure) -> Image.Samples {
    let count = size.width * size.height * layout.channels
    if depth == 16 {
      return .uint16(
        try array(count) { (base, mapping) throws(Failure) in
          try body(SampleTarget(size: size, layout: layout, base: .uint16(base), mapping: mapping))
        })
    }
    return .uint8(
      try array(count) { (base, mapping) throws(Failure) in
        try body(SampleTarget(size: size, layout: layout, base: .uint8(base), mapping: mapping))
      })
  }

  private static func array<Sample: FixedWidthInteger, Failure: Error>(
    _ count: Int, _ fill: (UnsafeMutablePointer<Sample>, SharedMapping?) throws(Failure) -> Void
  ) throws(Failure) -> [Sample] {
    var failure: Failure?
    let result = [Sample](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(Failure) {
        let mapping = SharedMapping(UnsafeMutableRawBufferPointer(buffer))
        try fill(buffer.baseAddress.unsafelyUnwrapped, mapping)
        filled = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return result
  }
}

// MARK: - Writing

extension SampleTarget {
  /// Writes gray, or equal colours, from luma as `convention` has it, its rows `stride` apart.
  package func writeGray(
    _ rect: Rect, luma: UnsafePointer<Float>, stride: Int, _ convention: LumaConvention
  ) {
    prepare(rect)
    let (offset, scale) = (convention.offset, peak / convention.range)
    switch base {
    case .uint8(let base): gray(base, rect, luma, stride, offset, scale)
    case .uint16(let base): gray(base, rect, luma, stride, offset, scale)
    }
  }

  /// Writes colours from luma and the differences R - G and B - G, which are in units of a sample and dense.
  package func writeColor(
    _ rect: Rect, luma: UnsafePointer<Float>, stride: Int, red: UnsafePointer<Float>,
    blue: UnsafePointer<Float>, _ convention: LumaConvention
  ) {
    prepare(rect)
    let (offset, scale) = (convention.offset, peak / convention.range)
    switch base {
    case .uint8(let base): color(base, rect, luma, stride, red, blue, offset, scale)
    case .uint16(let base): color(base, rect, luma, stride, red, blue, offset, scale)
    }
  }

  /// Writes one channel from dense values in units of a sample.
  package func write(channel: Int, _ rect: Rect, _ values: UnsafePointer<Float>) {
    precondition((0..<layout.channels).contains(channel))
    prepare(rect)
    switch base {
    case .uint8(let base): plain(base, channel, rect, values)
    case .uint16(let base): plain(base, channel, rect, values)
    }
  }

  /// Makes a rectangle's alpha opaque.
  package func writeOpaque(_ rect: Rect) {
    precondition(layout.hasAlpha)
    prepare(rect)
    switch base {
    case .uint8(let base): opaque(base, rect)
    case .uint16(let base): opaque(base, rect)
    }
  }
}

extension SampleTarget {
  /// Has the memory of a rectangle's rows mapped.
  private func prepare(_ rect: Rect) {
    guard let mapping, rect.width > 0, rect.height > 0 else { return }
    let bytesPerPixel =
      switch base {
      case .uint8: layout.channels
      case .uint16: 2 * layout.channels
      }
    let first = rect.y * size.width + rect.x
    let last = (rect.y + rect.height - 1) * size.width + rect.x + rect.width
    mapping.prepare(first * bytesPerPixel..<last * bytesPerPixel)
  }

  @inline(__always)
  private func gray<Sample: FixedWidthInteger>(
    _ base: UnsafeMutablePointer<Sample>, _ rect: Rect, _ luma: UnsafePointer<Float>, _ stride: Int,
    _ offset: Float, _ scale: Float
  ) {
    let peak = Float(Sample.max)
    layout.forEachRow(of: rect, in: size) { y, start in
      layout.forEachPixel(base + start, rect.width) { x, pixel in
        let value: Sample = rounded((luma[y &* stride &+ x] - offset) * scale, peak)
        pixel.initialize(to: value)
        if !layout.isGray {
          (pixel + 1).initialize(to: value)
          (pixel + 2).initialize(to: value)
        }
      }
    }
  }

  @inline(__always)
  private func color<Sample: FixedWidthInteger>(
    _ base: UnsafeMutablePointer<Sample>, _ rect: Rect, _ luma: UnsafePointer<Float>, _ stride: Int,
    _ red: UnsafePointer<Float>, _ blue: UnsafePointer<Float>, _ offset: Float, _ scale: Float
  ) {
    precondition(!layout.isGray)
    let peak = Float(Sample.max)
    layout.forEachRow(of: rect, in: size) { y, start in
      layout.forEachPixel(base + start, rect.width) { x, pixel in
        let (red, blue) = (red[y &* rect.width &+ x], blue[y &* rect.width &+ x])
        let full = (luma[y &* stride &+ x] - offset) * scale
        let green = full - (LumaConvention.red * red + LumaConvention.blue * blue)
        pixel.initialize(to: rounded(green + red, peak))
        (pixel + 1).initialize(to: rounded(green, peak))
        (pixel + 2).initialize(to: rounded(green + blue, peak))
      }
    }
  }

  @inline(__always)
  private func plain<Sample: FixedWidthInteger>(
    _ base: UnsafeMutablePointer<Sample>, _ channel: Int, _ rect: Rect, _ values: UnsafePointer<Float>
  ) {
    let peak = Float(Sample.max)
    layout.forEachRow(of: rect, in: size) { y, start in
      layout.forEachPixel(base + start + channel, rect.width) { x, pixel in
        pixel.initialize(to: rounded(values[y &* rect.width &+ x], peak))
      }
    }
  }

  @inline(__always)
  private func opaque<Sample: FixedWidthInteger>(_ base: UnsafeMutablePointer<Sample>, _ rect: Rect) {
    layout.forEachRow(of: rect, in: size) { _, start in
      layout.forEachPixel(base + start + (layout.channels - 1), rect.width) { _, pixel in
        pixel.initialize(to: .max)
      }
    }
  }

  @inline(__always)
  private func rounded<Sample: FixedWidthInteger>(_ value: Float, _ peak: Float) -> Sample {
    // In this order of arguments the comparison with a NaN chooses 0.
    let raised = min(peak, max(0, value)) + 0.5
    // Its whole part, without a conversion, which would ask whether it fits: a number of 2^23 and more has no other part, and
    // the whole number that is left of the sum may be the next one above.
    let shift: Float = 8_388_608
    let nearest = (raised + shift) - shift
    let whole = nearest > raised ? nearest - 1 : nearest
    return Sample(truncatingIfNeeded: (whole + shift).bitPattern)
  }
}
