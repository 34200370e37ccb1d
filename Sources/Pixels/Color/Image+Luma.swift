extension Image {
  /// The picture's luma as VDSR's weights are trained with it: BT.601 of 16...235, divided by 255. Alpha is left out;
  /// a gray sample counts as three equal colours.
  ///
  /// - Complexity: O(pixels).
  public func luma() -> Plane {
    let whole = Rect(x: 0, y: 0, width: width, height: height)
    let pixels = withSampleSource { source in
      [Float](unsafeUninitializedCapacity: width * height) { buffer, filled in
        source.readLuma(of: whole, .studio, into: buffer.baseAddress.unsafelyUnwrapped)
        filled = width * height
      }
    }
    return Plane(width: width, height: height, pixels: pixels)
  }
}
