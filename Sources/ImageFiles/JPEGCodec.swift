import CJPEG
import Pixels

/// JPEG (ITU-T T.81), baseline and progressive with Huffman coding, 8 bits: gray, YCbCr or RGB, CMYK or YCCK.
enum JPEGCodec: Codec {
  static let format = ImageFormat.jpeg

  /// Scans of a progressive file; usual ones have about ten. Each costs a pass over the whole picture.
  private static let scanLimit = 100
  /// Pictures beyond this many coefficients are written with the standard's Huffman tables: optimized ones need
  /// two passes, with all coefficients (2 bytes each) in memory between them.
  private static let optimizedCoefficientLimit = 128 << 20

  static func recognizes(_ bytes: Content) -> Bool { bytes.starts(with: [0xff, 0xd8, 0xff]) }

  static func parse(_ bytes: Content) throws(ImageFileError.Cause) -> StoredPicture {
    let markers = try JPEGMarkers(bytes)
    let frame = try markers.frame()
    // A block of 64 samples takes a bit at the least.
    guard frame.size.width <= bytes.count * 512 / frame.size.height else {
      throw .truncated(format, "too few bytes for \(frame.size.width)x\(frame.size.height) pixels")
    }
    var picture = StoredPicture(size: frame.size, layout: frame.components == 1 ? .gray : .rgb)
    picture.isLossless = false
    picture.isCMYK = frame.components == 4
    let resources = PhotoshopResources(markers)
    picture.metadata = JPEGMetadata.read(markers, resources)
    if picture.metadata.iccProfile == nil, JPEGMetadata.hasProfile(markers) {
      picture.leftOut.append("a damaged colour profile")
    }
    if picture.metadata.extendedXMP == nil {
      let xmp = picture.metadata.xmp
      JPEGExtendedXMP.remove(from: &picture.metadata)
      if picture.metadata.xmp != xmp || JPEGExtendedXMP.isPresent(markers) {
        picture.leftOut.append("a damaged extension of its XMP")
      }
    }
    picture.leftOut += JPEGMetadata.leftOut(markers, resources)
    // Of what lies behind the picture: the gain map, and what was seen before it.
    disclaim(["hdrgm:Version"], StoredPicture.gainMap, in: &picture)
    disclaim(["GCamera:MotionPhoto", "GCamera:MicroVideo"], "its video", in: &picture)
    if JPEGEnd(markers).hasTrailingBytes { picture.leftOut.append("bytes behind the end of the JPEG") }
    // After the plain conversion a profile of print colours would be wrong.
    if picture.isCMYK, picture.metadata.iccProfile != nil {
      picture.metadata.iccProfile = nil
      picture.leftOut.append("the profile of its print colours")
    }
    return picture
  }

  /// Removes from XMP what tells readers to look for something that is not kept; 0 tells them that there is none.
  private static func disclaim(_ properties: [String], _ what: String, in picture: inout StoredPicture) {
    guard let xmp = picture.metadata.xmp else { return }
    let claims = properties.filter { XMP.number($0, in: xmp) != 0 }
    let rest = claims.reduce(xmp) { XMP.removing($1, from: $0) }
    guard rest != xmp else { return }
    picture.metadata.xmp = rest
    if !picture.leftOut.contains(what) { picture.leftOut.append(what) }
  }

  static func reachesItsEnd(_ bytes: Content) -> Bool {
    (try? JPEGMarkers(bytes)).map { JPEGEnd($0).isReached } ?? false
  }

  static func decode(_ bytes: [UInt8], _ picture: StoredPicture) throws(ImageFileError.Cause) -> Image.Samples
  {
    let components = picture.isCMYK ? 4 : picture.layout.channels
    let (width, height) = (picture.size.width, picture.size.height)
    // A progressive file's coefficients, in whole blocks of up to 4x4 sampling, and room for the rest.
    let coefficients = (width + 32) * (height + 32) * components * 2
    let request = acuity_jpeg_request(
      width: UInt32(width), height: UInt32(height), components: Int32(components),
      scan_limit: Int32(scanLimit), memory_limit: 2 * coefficients + (64 << 20),
      tolerant: picture.acceptsDamage ? 1 : 0)
    return try unsafe Image.Samples.filled(count: picture.sampleCount, depth: 8) {
      pixels throws(ImageFileError.Cause) in
      try unsafe Message.check(failure) { message, capacity in
        unsafe acuity_jpeg_decode(
          bytes, bytes.count, request, pixels.assumingMemoryBound(to: UInt8.self), message, capacity)
      }
    }
  }

  static func metadataRefusal(_ metadata: Metadata) -> (problem: String, advice: String)? {
    JPEGMetadata.refusal(metadata)
  }

  /// Coefficients of two bytes are kept for all of a progressive picture, beside the file and a copy of it.
  static func encodingMemory(_ size: Size, _ layout: Image.Layout, depth: Int, _ options: EncodeOptions)
    -> Int
  {
    size.width * size.height * layout.channels * 7 / 2
  }

  static func encode(_ image: Image, _ options: EncodeOptions) throws(ImageFileError.Cause) -> [UInt8] {
    let subsample = options.quality < 90
    let blocks = (image.width + 15) / 8 * ((image.height + 15) / 8)
    let coefficients = image.layout == .gray ? blocks * 64 : subsample ? blocks * 96 : blocks * 192
    let density = JPEGMetadata.density(image.metadata.resolution)
    let picture = acuity_jpeg_picture(
      width: UInt32(image.width), height: UInt32(image.height), channels: Int32(image.layout.channels),
      depth: Int32(image.samples.depth), quality: Int32(options.quality),
      progressive: options.progressive ? 1 : 0,
      optimize: coefficients <= optimizedCoefficientLimit ? 1 : 0, subsample: subsample ? 1 : 0,
      density_unit: Int32(density.unit), density_x: Int32(density.x), density_y: Int32(density.y))
    let markers = JPEGMetadata.markers(for: image.metadata)
    var out = unsafe acuity_jpeg_buffer()
    defer { unsafe acuity_jpeg_free(&out) }
    try unsafe Message.check(encodingFailure) { message, capacity in
      unsafe image.samples.withUnsafePointer { pixels in
        unsafe acuity_jpeg_encode(pixels, picture, markers, markers.count, &out, message, capacity)
      }
    }
    return unsafe Array(UnsafeBufferPointer(start: out.bytes, count: out.count))
  }
}

extension JPEGCodec {
  private static func failure(_ code: Int32, _ text: String) -> ImageFileError.Cause {
    switch Int(code) {
    case ACUITY_JPEG_TRUNCATED: .truncated(format, text)
    case ACUITY_JPEG_NO_MEMORY: .outOfMemory(bytes: nil)
    case ACUITY_JPEG_UNSUPPORTED: .unsupported(format, text, advice: JPEGMarkers.conversionAdvice)
    default: .corrupt(format, text)
    }
  }

  private static func encodingFailure(_ code: Int32, _ text: String) -> ImageFileError.Cause {
    Int(code) == ACUITY_JPEG_NO_MEMORY ? .outOfMemory(bytes: nil) : .encodingFailed(format, text)
  }
}

extension ImageFormat {
  /// JPEG: 8 bits, no alpha.
  public static let jpeg = ImageFormat(
    name: "jpeg", fileExtensions: ["jpg", "jpeg", "jpe", "jfif"],
    maximumSize: Size(width: 65_500, height: 65_500), supportsAlpha: false, supports16Bit: false,
    isWritable: true)
}
