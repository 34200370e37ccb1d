import Pixels

extension PictureStream {
  /// Writes a band of a picture that has something behind it.
  ///
  /// Alpha is interpolated by itself, colours as light: weighted by alpha, and divided by the interpolated alpha.
  /// To put the result on a background is then the same as to interpolate the picture on that background. What the
  /// model has added to the luma is added afterwards. Where alpha is full, nothing differs from a picture
  /// without alpha; where it vanishes, the colours are those under the picture (see `Image.edgeBled`).
  func writeTranslucent(_ band: Rect, luma: UnsafePointer<Float>, stride: Int) {
    let alphaChannel = source.layout.channels - 1
    Scratch.with(6, planesOf: band) { planes in
      let (alpha, straight, final) = (planes[0], planes[2], planes[3])
      let light = Light(stream: self, band: band, alpha: alpha, scratch: planes[1])
      interpolate(band, into: alpha, stride: band.width) {
        source.read(channel: alphaChannel, of: $0, into: $1)
      }
      if !light.isNeeded {
        writeOpaque(band, luma: luma, stride: stride)
        return
      }

      readLuma(band, into: straight, stride: band.width)
      for y in 0..<band.height {
        (final + y * band.width).update(from: luma + y * stride, count: band.width)
      }
      light.replace(straight, in: final) { source.readLuma(of: $0, convention, into: $1) }
      if source.layout.isGray {
        target.writeGray(band, luma: final, stride: band.width, convention)
      } else {
        let (red, blue) = (planes[4], planes[5])
        readDifferences(band, red: red, blue: blue)
        light.replace(red, in: red) { needed, samples in
          withUnusedPlane(needed) { source.readColorDifferences(of: needed, red: samples, blue: $0) }
        }
        light.replace(blue, in: blue) { needed, samples in
          withUnusedPlane(needed) { source.readColorDifferences(of: needed, red: $0, blue: samples) }
        }
        target.writeColor(band, luma: final, stride: band.width, red: red, blue: blue, convention)
      }
      target.write(channel: alphaChannel, band, alpha)
    }
  }

  private func withUnusedPlane(_ rect: Rect, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    Scratch.with(1, planesOf: rect) { body($0[0]) }
  }
}

/// The interpolation of planes weighted by alpha, in one band.
private struct Light {
  let stream: PictureStream
  let band: Rect
  /// Interpolated alpha, in units of a sample.
  let alpha: UnsafePointer<Float>
  let scratch: UnsafeMutablePointer<Float>

  private var count: Int { band.width * band.height }

  /// Whether weighing makes a difference at a pixel: alpha is neither full but for rounding, nor nothing.
  private func isPartial(_ alpha: Float) -> Bool {
    alpha >= 0.5 && abs(alpha - stream.source.peak) > 1e-6 * stream.source.peak
  }

  /// Whether any pixel of the band is less than full.
  var isNeeded: Bool {
    (0..<count).contains { abs(alpha[$0] - stream.source.peak) > 1e-6 * stream.source.peak }
  }

  /// Adds to `plane` what the light's interpolation differs from the straight one, `straight`; `read` gives a
  /// rectangle of the source's plane.
  func replace(
    _ straight: UnsafePointer<Float>, in plane: UnsafeMutablePointer<Float>,
    _ read: (Rect, UnsafeMutablePointer<Float>) -> Void
  ) {
    stream.interpolate(band, into: scratch, stride: band.width) { needed, samples in
      read(needed, samples)
      Scratch.with(1, planesOf: needed) { weights in
        stream.source.read(channel: stream.source.layout.channels - 1, of: needed, into: weights[0])
        for i in 0..<needed.width * needed.height { samples[i] *= weights[0][i] }
      }
    }
    for i in 0..<count where isPartial(alpha[i]) { plane[i] += scratch[i] / alpha[i] - straight[i] }
  }
}
