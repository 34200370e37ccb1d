extension Metadata {
  /// The metadata for the same picture at another size: EXIF and XMP tags that state the size in pixels follow, and what is
  /// counted in its pixels. Resolution stays, as does everything that speaks of the scene and not of the pixels.
  public func updated(for size: Size) -> Metadata {
    var result = self
    if var exif = exif.flatMap({ Exif($0) }) {
      exif.setPixelSize(size)
      result.exif = exif.bytes
    }
    result.xmp = xmp.map { XMP.updated($0, for: size) }
    return result
  }
}
