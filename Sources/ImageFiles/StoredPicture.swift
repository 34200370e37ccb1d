import Pixels

/// A picture as its container describes it, before any pixel is decoded.
struct StoredPicture: Sendable {
  /// As stored, before orientation.
  var size: Size
  var layout: Image.Layout
  var depth = 8
  var isLossless = true
  var isAnimated = false
  var frames: Int?
  var isCMYK = false
  /// Whether the samples are decoded as far as they can be.
  var acceptsDamage = false
  /// As stored: the orientation has been applied to nothing yet.
  var metadata = Metadata()
  /// See `ImageHeader.leftOut`.
  var leftOut: [String] = []

  /// Signed statements of where a picture is from (C2PA), for `leftOut`: a signature holds for those bytes alone.
  static let contentCredentials = "its content credentials (C2PA)"
  /// What is only understood by the program that has written it: for one, the layers of a drawing.
  static let privateChunks = "chunks of other programs"
  /// A second picture that says how bright the first is to be shown.
  static let gainMap = "its gain map"

  var sampleCount: Int { size.width * size.height * layout.channels }
  var byteCount: Int { sampleCount * (depth / 8) }
}

extension StoredPicture {
  /// See `ImageHeader.leftOut`.
  var allLeftOut: [String] {
    let hasBrokenExif = metadata.exif.map { Exif($0) == nil } ?? false
    return leftOut + (hasBrokenExif ? ["damaged EXIF"] : [])
  }

  /// The orientation to apply and the metadata as it is right afterwards. EXIF's word on it goes before XMP's. An EXIF block
  /// that is no TIFF structure is dropped: it says nothing, and no picture is worth losing for it. `allLeftOut` names it.
  func uprightMetadata() -> (Orientation, Metadata) {
    var result = metadata
    var exif = metadata.exif.flatMap { Exif($0) }
    let stated = exif?.orientation ?? metadata.xmp.flatMap(Orientation.init(xmp:))
    let orientation = stated ?? .upright
    if stated != nil { result.xmp = metadata.xmp.map { XMP.setting(["tiff:Orientation": 1], in: $0) } }
    exif?.orientation = .upright
    exif?.removeThumbnail()
    exif?.turn(orientation, from: size)
    // Densities across and down are of the stored rows.
    if orientation.swapsAxes {
      result.resolution = metadata.resolution.map { Metadata.Resolution(x: $0.y, y: $0.x, unit: $0.unit) }
    }
    result.exif = exif?.bytes
    if result.resolution == nil { result.resolution = exif?.resolution }
    return orientation == .upright
      ? (orientation, result) : (orientation, result.updated(for: orientation.upright(size)))
  }
}

extension Orientation {
  /// As an XMP packet states it.
  fileprivate init?(xmp packet: [UInt8]) {
    guard let number = XMP.number("tiff:Orientation", in: packet) else { return nil }
    self.init(rawValue: number)
  }
}
