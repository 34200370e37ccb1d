/// How a picture is written.
public struct EncodeOptions: Sendable, Equatable {
  /// What becomes of `Image.metadata`.
  public enum MetadataPolicy: String, Sendable, CaseIterable {
    /// Write the profile, EXIF, XMP, IPTC and resolution, as far as the format has a place for them.
    case keep
    /// Write only the pixels: the profile goes too.
    case strip
  }

  /// zlib's level, 0 (fastest, not compressed) to 9 (smallest). From 1 to 6 the search for repetitions is left out where
  /// it would make a sample of the picture less than a fifth smaller, as in photographs: their files are larger by 7 % in the
  /// mean, at most by about a quarter, and written in a twentieth of the time. From 7 up both ways are tried and the smaller
  /// file is kept, which takes seconds for a megapixel.
  public var pngLevel: Int
  /// JPEG and lossy WebP, 1 to 100. JPEG keeps the colours at full resolution from 90 up, at half below.
  public var quality: Int
  /// Progressive JPEG.
  public var progressive: Bool
  /// Lossless WebP, exact to the colours under a transparent alpha.
  public var lossless: Bool
  /// Keep or strip it.
  public var metadata: MetadataPolicy
  /// Threads to write PNG with, at least 1, where it is written without a search: the same bytes for any number.
  public var threads = 1

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

extension EncodeOptions {
  func validate() throws(ImageFileError.Cause) {
    if !(0...9).contains(pngLevel) { throw .invalidOption("the PNG level is 0 to 9, not \(pngLevel)") }
    if !(1...100).contains(quality) { throw .invalidOption("the quality is 1 to 100, not \(quality)") }
  }
}
