/// What the numbers of a model's luma plane mean: `offset + range * L`, where L is BT.601's weighted sum
/// 0.299 R + 0.587 G + 0.114 B of a picture's samples as fractions of their peak.
///
/// A gray sample g counts as the colour (g, g, g), so that a gray picture and the same picture stored as RGB give
/// the same result.
public struct LumaConvention: Sendable, Hashable {
  /// The value of black.
  public let offset: Float
  /// White minus black.
  public let range: Float

  /// Luma of 16...235, divided by 255: what VDSR is trained with, `bt601-studio/255` in a model's metadata.
  public static let studio = LumaConvention(offset: 16 / 255, range: 219 / 255)
  /// Luma of 0...255, divided by 255: `bt601-full/255`.
  public static let full = LumaConvention(offset: 0, range: 1)
  /// Luma in units of samples that go up to `peak`.
  package static func samples(to peak: Float) -> LumaConvention { LumaConvention(offset: 0, range: peak) }

  /// The weights of the colour differences in L = G + red (R - G) + blue (B - G). With differences, equal colours
  /// give their own value exactly, in any rounding.
  package static let red: Float = 0.299
  package static let blue: Float = 0.114
}
