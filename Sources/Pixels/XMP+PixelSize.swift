extension XMP {
  /// The packet for the picture at another size.
  static func updated(_ packet: [UInt8], for size: Size) -> [UInt8] {
    let sizes = [
      "tiff:ImageWidth": size.width, "tiff:ImageLength": size.height,
      "exif:PixelXDimension": size.width, "exif:PixelYDimension": size.height,
    ]
    return setting(sizes.merging(panorama(packet, size)) { $1 }, in: packet)
  }

  /// What describes a panorama (Google's GPano) in pixels of the picture, which is the cropped area.
  private static func panorama(_ packet: [UInt8], _ size: Size) -> [String: Int] {
    var values: [String: Int] = [:]
    for (side, cropped, others) in [
      (
        size.width, "CroppedAreaImageWidthPixels",
        [
          "FullPanoWidthPixels", "CroppedAreaLeftPixels", "LargestValidInteriorRectLeft",
          "LargestValidInteriorRectWidth",
        ]
      ),
      (
        size.height, "CroppedAreaImageHeightPixels",
        [
          "FullPanoHeightPixels", "CroppedAreaTopPixels", "LargestValidInteriorRectTop",
          "LargestValidInteriorRectHeight",
        ]
      ),
    ] {
      guard let stated = number("GPano:" + cropped, in: packet), stated > 0 else { continue }
      values["GPano:" + cropped] = side
      for name in others.map({ "GPano:" + $0 }) {
        guard let number = number(name, in: packet) else { continue }
        values[name] = Int(exactly: (Double(number) * (Double(side) / Double(stated))).rounded())
      }
    }
    return values
  }
}
