/// Choices for files that are more than one upright RGB or gray picture.
public struct ReadOptions: Sendable, Equatable {
  /// What to do with print colours.
  public enum CMYK: String, Sendable, CaseIterable {
    /// Throw `.cmyk`.
    case refuse
    /// Convert by R = C * K and so on, without regard to the profile, which is dropped.
    case convert
  }

  /// What to do with several frames.
  public enum Animation: String, Sendable, CaseIterable {
    /// Throw `.animated`.
    case refuse
    /// The first frame of a WebP, the default image of an APNG.
    case firstFrame = "first-frame"
  }

  /// CMYK and YCCK, which only JPEG has.
  public var cmyk: CMYK
  /// WebP and APNG.
  public var animation: Animation
  /// Whether a JPEG or PNG that is damaged or cut is taken as far as it decodes: what is missing is gray in a JPEG,
  /// black or transparent in a PNG. Half of a WebP is none.
  public var acceptsDamage: Bool

  /// By default what is not plainly one whole picture is refused.
  public init(cmyk: CMYK = .refuse, animation: Animation = .refuse, acceptsDamage: Bool = false) {
    self.cmyk = cmyk
    self.animation = animation
    self.acceptsDamage = acceptsDamage
  }
}
