extension Metadata {
  /// The metadata for the same picture at another size: EXIF and XMP tags that state the size in pixels follow.
  /// Resolution stays, as does everything that speaks of the scene and not of the pixels.
  public func updated(for size: Size) -> Metadata {
    var result = self
    if var exif = exif.flatMap({ Exif($0) }) {
      exif.setPixelSize(size)
      result.exif = exif.bytes
    }
    if let xmp {
      result.xmp = XMP.setting(
        [
          "tiff:ImageWidth": size.width, "tiff:ImageLength": size.height,
          "exif:PixelXDimension": size.width, "exif:PixelYDimension": size.height,
        ], in: xmp)
    }
    return result
  }
}
