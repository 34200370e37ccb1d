extension XMP {
  /// What a JPEG's segment has room for.
  package static let segmentLimit = 65_504

  /// The packet for the picture at another size.
  static func updated(_ packet: [UInt8], for size: Size) -> [UInt8] {
    // Whatever scale an earlier run of Acuity has stated, it is not that of this picture.
    let packet = removing("acuity:Scale", from: packet)
    let sizes = [
      "tiff:ImageWidth": size.width, "tiff:ImageLength": size.height,
      "exif:PixelXDimension": size.width, "exif:PixelYDimension": size.height,
    ]
    let panorama = panorama(packet, size)
    let result = setting(sizes.merging(panorama) { $1 }, in: packet)
    if result.count <= segmentLimit || packet.count > segmentLimit { return result }
    // The picture would have no place in a JPEG any more: rather without what a reader sees for himself.
    let rest = setting(panorama, in: sizes.keys.sorted().reduce(packet) { removing($1, from: $0) })
    return rest.count <= segmentLimit ? rest : packet
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
