/// One channel in double precision, for evaluation and for making training data: row-major samples, usually of
/// 0...255, where a `Plane` of floats holds 0...1.
package struct DoublePlane: Sendable, Equatable {
  package let width: Int
  package let height: Int
  /// `samples[y * width + x]`.
  package let samples: [Double]

  package init(width: Int, height: Int, samples: [Double]) {
    precondition(width >= 0 && height >= 0 && samples.count == width * height)
    self.width = width
    self.height = height
    self.samples = samples
  }

  /// The samples of a plane times `peak`.
  package init(_ plane: Plane, times peak: Double = 255) {
    self.init(width: plane.width, height: plane.height, samples: plane.pixels.map { Double($0) * peak })
  }

  package var size: Size { Size(width: width, height: height) }
}

extension DoublePlane {
  /// The samples divided by `peak`, in single precision: what a network is given.
  package func plane(dividedBy peak: Double = 255) -> Plane {
    Plane(width: width, height: height, pixels: samples.map { Float($0 / peak) })
  }

  /// MATLAB's `imresize` (see there) to a size.
  package func resized(to size: Size, scale: Double? = nil) -> DoublePlane {
    let result = imresize(
      samples, width: width, height: height, toWidth: size.width, toHeight: size.height, scale: scale)
    return DoublePlane(width: size.width, height: size.height, samples: result)
  }

  /// The part inside `rect`, which must lie inside the plane.
  package func cropped(to rect: Rect) -> DoublePlane {
    precondition(rect.x >= 0 && rect.y >= 0 && rect.width >= 0 && rect.height >= 0)
    precondition(rect.x + rect.width <= width && rect.y + rect.height <= height)
    let rows = (rect.y..<rect.y + rect.height).map {
      samples[$0 * width + rect.x..<$0 * width + rect.x + rect.width]
    }
    return DoublePlane(width: rect.width, height: rect.height, samples: Array(rows.joined()))
  }

  /// Without `border` samples at each side; empty when nothing remains.
  package func inset(by border: Int) -> DoublePlane {
    cropped(
      to: Rect(
        x: min(border, width), y: min(border, height), width: max(0, width - 2 * border),
        height: max(0, height - 2 * border)))
  }

  /// The upper left part whose sides are multiples of `scale`: what a picture is cut to before it is reduced.
  package func cropped(toMultipleOf scale: Int) -> DoublePlane {
    cropped(to: Rect(x: 0, y: 0, width: width / scale * scale, height: height / scale * scale))
  }

  /// Whole numbers of 0...255, halves away from zero: what storing the samples in 8 bits makes of them.
  package func roundedTo8Bits() -> DoublePlane {
    DoublePlane(
      width: width, height: height,
      samples: samples.map { min(max($0, 0), 255).rounded(.toNearestOrAwayFromZero) })
  }
}
