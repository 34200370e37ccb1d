/// What a file may demand before it is refused; checked on its header, before anything is allocated for its pixels.
public struct Limits: Sendable, Equatable {
  /// Pixels of the picture. The default, 16,383 squared or 268 megapixels, is the largest WebP; 8-bit RGB of that
  /// size takes 0.8 GB.
  public var maxPixels: Int
  /// Width and height. The default is the longest side of a JPEG.
  public var maxDimension: Int
  /// Bytes of the file; 1 GiB by default.
  public var maxFileSize: Int

  /// The defaults fit pictures of today's cameras many times over.
  public init(maxPixels: Int = 16_383 * 16_383, maxDimension: Int = 65_535, maxFileSize: Int = 1 << 30) {
    self.maxPixels = maxPixels
    self.maxDimension = maxDimension
    self.maxFileSize = maxFileSize
  }
}

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
  /// black or transparent in a PNG. Of a WebP only bytes behind its end are accepted, for half of one is none.
  public var acceptsDamage: Bool

  /// By default what is not plainly one whole picture is refused.
  public init(cmyk: CMYK = .refuse, animation: Animation = .refuse, acceptsDamage: Bool = false) {
    self.cmyk = cmyk
    self.animation = animation
    self.acceptsDamage = acceptsDamage
  }
}

/// How a picture is written.
public struct EncodeOptions: Sendable, Equatable {
  /// What becomes of `Image.metadata`.
  public enum MetadataPolicy: String, Sendable, CaseIterable {
    /// Write the profile, EXIF, XMP and resolution.
    case keep
    /// Write only the pixels.
    case strip
  }

  /// zlib's level, 0 (fastest) to 9 (smallest). Up to 6 the search for repetitions is left out where a sample of the
  /// picture shows none, as in photographs: that makes no larger file in a seventh of the time. From 7 up both ways
  /// are tried and the smaller file is kept, which takes seconds for a megapixel.
  public var pngLevel: Int
  /// JPEG and lossy WebP, 1 to 100. JPEG keeps the colours at full resolution from 90 up, at half below.
  public var quality: Int
  /// Progressive JPEG.
  public var progressive: Bool
  /// Lossless WebP, exact to the colours under a transparent alpha.
  public var lossless: Bool
  /// Keep or strip it.
  public var metadata: MetadataPolicy

  /// Each format takes what concerns it and leaves the rest.
  public init(
    pngLevel: Int = 6, quality: Int = 95, progressive: Bool = false, lossless: Bool = false,
    metadata: MetadataPolicy = .keep
  ) {
    self.pngLevel = pngLevel
    self.quality = quality
    self.progressive = progressive
    self.lossless = lossless
    self.metadata = metadata
  }
}
