package import Pixels

/// The picture of `acuity demo`.
package enum DemoPicture {
  /// Parts of a square picture that show what enlarging does: print, and the dots of a wing's margin.
  package static let details = [
    (x: 0.05, y: 0.81), (x: 0.66, y: 0.02),
  ]

  /// The picture, an RGB image of 8 bits. It is made for squares of about 500 pixels a side.
  ///
  /// - Complexity: 16 samples a pixel: a second for 500x500.
  package static func render(_ size: Size) -> Image {
    Image(
      width: size.width, height: size.height, layout: .rgb,
      samples: .uint8(Scene.render(width: size.width, height: size.height)))
  }
}
