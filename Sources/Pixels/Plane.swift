/// One channel of a picture: `height` rows of `width` samples, row-major, without padding.
///
/// Luma, chroma and alpha planes hold values of nominally 0...1; the network and bicubic interpolation may go
/// slightly beyond, and only the conversion to whole numbers clips.
public struct Plane: Sendable, Equatable {
  /// Samples of a row.
  public let width: Int
  /// Rows.
  public let height: Int

  /// The samples; `pixels[y * width + x]`.
  public var pixels: [Float] {
    didSet { precondition(pixels.count == width * height, "a plane's size is fixed") }
  }

  /// A plane with every sample the same.
  public init(width: Int, height: Int, repeating value: Float = 0) {
    precondition(width >= 0 && height >= 0)
    self.width = width
    self.height = height
    self.pixels = [Float](repeating: value, count: width * height)
  }

  /// A plane of these samples, `width * height` of them.
  public init(width: Int, height: Int, pixels: [Float]) {
    precondition(width >= 0 && height >= 0 && pixels.count == width * height)
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The sample in column x of row y, both inside the plane.
  public subscript(x: Int, y: Int) -> Float {
    get { pixels[index(x, y)] }
    set { pixels[index(x, y)] = newValue }
  }

  private func index(_ x: Int, _ y: Int) -> Int {
    // Of a column outside, the array would have the neighbouring row's sample.
    precondition((0..<width).contains(x) && (0..<height).contains(y), "the sample is outside of the plane")
    return y * width + x
  }
}
