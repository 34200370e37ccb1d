/// A picture's extent in pixels.
public struct Size: Sendable, Hashable {
  /// Pixels of a row.
  public var width: Int
  /// Rows.
  public var height: Int

  /// Any numbers; what takes a size says which it accepts.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }
}
