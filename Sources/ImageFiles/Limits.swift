package import Pixels

/// What a file may demand before it is refused; checked on its header, before anything is allocated for its pixels.
public struct Limits: Sendable, Equatable {
  /// Pixels of the picture. The default, 16,383 squared or 268 megapixels, is the largest WebP; 8-bit RGB of that
  /// size takes 0.8 GB.
  public var maxPixels: Int
  /// Width and height. A million by default, the longest side that a stage takes or makes.
  public var maxDimension: Int
  /// Bytes of the file; 1 GiB by default.
  public var maxFileSize: Int

  /// The defaults fit pictures of today's cameras many times over.
  public init(maxPixels: Int = 16_383 * 16_383, maxDimension: Int = 1_000_000, maxFileSize: Int = 1 << 30) {
    self.maxPixels = maxPixels
    self.maxDimension = maxDimension
    self.maxFileSize = maxFileSize
  }
}

extension Limits {
  /// Refuses a picture for its size.
  /// - Returns: its pixels.
  @discardableResult
  package func check(_ size: Size) throws(ImageFileError.Cause) -> Int {
    if max(size.width, size.height) > maxDimension { throw .dimensionTooLarge(size, limit: maxDimension) }
    let (pixels, overflow) = size.width.multipliedReportingOverflow(by: size.height)
    if overflow || pixels > maxPixels { throw .tooManyPixels(size, limit: maxPixels) }
    return pixels
  }

  /// Refuses before anything is allocated for the pixels.
  func check(_ picture: StoredPicture) throws(ImageFileError.Cause) {
    let pixels = try check(picture.size)
    let (bytes, tooMany) = pixels.multipliedReportingOverflow(by: picture.layout.channels * picture.depth / 8)
    if tooMany { throw .tooManyPixels(picture.size, limit: maxPixels) }
    try Memory.expect(bytes)
  }
}
