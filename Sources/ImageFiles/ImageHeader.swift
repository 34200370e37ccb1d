public import Pixels

/// What a file's header says of its picture, without its pixels having been decoded.
public struct ImageHeader: Sendable, Equatable {
  /// By content, not by the file's name.
  public let format: ImageFormat
  /// The upright picture's size: after the orientation.
  public let size: Size
  /// The decoded picture's channels: a palette is RGB, its transparent entries make it RGBA.
  public let layout: Image.Layout
  /// Bits per sample of the decoded picture, 8 or 16.
  public let depth: Int
  /// Whether the file holds its samples exactly: a JPEG never does, a WebP may.
  public let isLossless: Bool
  /// Whether there are several frames, which reading refuses unless told to take the first.
  public let isAnimated: Bool
  /// Frames of an animation, where the header tells.
  public let frames: Int?
  /// Whether the file holds print colours, which reading refuses unless told to convert.
  public let isCMYK: Bool
  /// How the stored rows are turned to be upright.
  public let orientation: Orientation
  /// What `Image.metadata` will be.
  public let metadata: Metadata
  /// What the file holds beside the pixels and reading leaves out, since it is damaged or not understood or of a kind that is
  /// not kept, in a few words each: "a damaged colour profile", "its comment".
  public let leftOut: [String]
}
