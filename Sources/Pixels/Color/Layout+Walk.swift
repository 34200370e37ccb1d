extension Image.Layout {
  /// Calls `body` with the number of each row of a rectangle and the index of its first sample in a picture of `size`.
  @inline(__always)
  func forEachRow(of rect: Rect, in size: Size, _ body: (Int, Int) -> Void) {
    precondition(rect.x >= 0 && rect.y >= 0 && rect.width >= 0 && rect.height >= 0)
    precondition(rect.x + rect.width <= size.width && rect.y + rect.height <= size.height)
    for y in 0..<rect.height {
      body(y, ((rect.y + y) * size.width + rect.x) * channels)
    }
  }

  /// Calls `body` with the number and the place of each of `count` pixels from `row` on. A constant distance from pixel
  /// to pixel lets the compiler unroll the loop.
  @inline(__always)
  func forEachPixel<Pointer: Strideable>(
    _ row: Pointer, _ count: Int, _ body: (Int, Pointer) -> Void
  ) where Pointer.Stride == Int {
    switch self {
    case .gray: for x in 0..<count { body(x, row.advanced(by: x)) }
    case .grayAlpha: for x in 0..<count { body(x, row.advanced(by: x &* 2)) }
    case .rgb: for x in 0..<count { body(x, row.advanced(by: x &* 3)) }
    case .rgba: for x in 0..<count { body(x, row.advanced(by: x &* 4)) }
    }
  }
}
