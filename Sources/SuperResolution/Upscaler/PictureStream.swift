import Pixels

/// One picture on its way to another size: gives the model the bicubic luma of any rectangle, takes back what it
/// has made of that, and writes the finished samples, so that no float plane of a whole picture exists.
///
/// All work is done in bands of rows of a rectangle; a sample's value does not depend on rectangles or bands. Both
/// methods may be called from several threads at once, `write` with disjoint rectangles.
struct PictureStream: Sendable {
  let source: SampleSource
  let target: SampleTarget
  let resampler: BicubicResampler
  let convention: LumaConvention
  /// Whether the picture shows nothing behind it: its alpha, where it has one, stays exactly at the peak.
  let isOpaque: Bool

  /// Fills a rectangle with bicubic luma, rows `stride` apart.
  func readLuma(_ rect: Rect, into luma: UnsafeMutablePointer<Float>, stride: Int) {
    forEachBand(of: rect) { band in
      interpolate(band, into: luma + (band.y - rect.y) * stride, stride: stride) {
        source.readLuma(of: $0, convention, into: $1)
      }
    }
  }

  /// Writes the samples of a rectangle, from the luma that they are to have.
  func write(_ rect: Rect, luma: UnsafePointer<Float>, stride: Int) {
    forEachBand(of: rect) { band in
      let luma = luma + (band.y - rect.y) * stride
      if isOpaque {
        writeOpaque(band, luma: luma, stride: stride)
      } else {
        writeTranslucent(band, luma: luma, stride: stride)
      }
    }
  }

  func writeOpaque(_ band: Rect, luma: UnsafePointer<Float>, stride: Int) {
    if source.layout.isGray {
      target.writeGray(band, luma: luma, stride: stride, convention)
    } else {
      Scratch.with(2, planesOf: band) { planes in
        readDifferences(band, red: planes[0], blue: planes[1])
        target.writeColor(
          band, luma: luma, stride: stride, red: planes[0], blue: planes[1], convention)
      }
    }
    if target.layout.hasAlpha { target.writeOpaque(band) }
  }
}

// MARK: - Bicubic interpolation

extension PictureStream {
  /// Samples that a band takes in the source or in the target, whichever are more: half a megabyte of floats, so
  /// that a band's few planes stay in the second-level cache.
  static let bandSamples = 1 << 17

  /// Bytes that one thread needs: about a dozen planes of a band, or the window of a single row, when reducing much.
  static func scratchBytes(from: Size, to: Size) -> Int {
    let window = (4 * ((from.height + to.height - 1) / to.height) + 4) * from.width
    return 12 * 4 * max(bandSamples, window)
  }

  private func forEachBand(of rect: Rect, _ body: (Rect) -> Void) {
    if rect.width == 0 { return }
    let (from, to) = (resampler.inputSize, resampler.outputSize)
    // How many source samples stand behind a target sample, when reducing; a part of one is read as a whole.
    let ratio = ((from.width + to.width - 1) / to.width) * ((from.height + to.height - 1) / to.height)
    let rows = max(1, Self.bandSamples / (rect.width * ratio))
    for first in stride(from: 0, to: rect.height, by: rows) {
      body(
        Rect(x: rect.x, y: rect.y + first, width: rect.width, height: min(rows, rect.height - first)))
    }
  }

  /// Interpolates the plane that `read` gives a dense rectangle of.
  func interpolate(
    _ band: Rect, into result: UnsafeMutablePointer<Float>, stride: Int,
    _ read: (Rect, UnsafeMutablePointer<Float>) -> Void
  ) {
    let needed = resampler.sourceRect(for: band)
    Scratch.with(1, planesOf: needed) { planes in
      read(needed, planes[0])
      resample(planes[0], needed, to: band, into: result, stride: stride)
    }
  }

  /// The bicubic colour differences, dense.
  func readDifferences(
    _ band: Rect, red: UnsafeMutablePointer<Float>, blue: UnsafeMutablePointer<Float>
  ) {
    let needed = resampler.sourceRect(for: band)
    Scratch.with(2, planesOf: needed) { planes in
      source.readColorDifferences(of: needed, red: planes[0], blue: planes[1])
      resample(planes[0], needed, to: band, into: red, stride: band.width)
      resample(planes[1], needed, to: band, into: blue, stride: band.width)
    }
  }

  func resample(
    _ samples: UnsafePointer<Float>, _ needed: Rect, to band: Rect,
    into result: UnsafeMutablePointer<Float>, stride: Int
  ) {
    resampler.resize(
      from: samples, sourceStride: needed.width, origin: (needed.x, needed.y), rect: band, into: result,
      stride: stride)
  }
}
