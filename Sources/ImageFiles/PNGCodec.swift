import CPNG
import Pixels

/// PNG (ISO/IEC 15948:2004): every colour type, depth and interlacing; APNG's default image.
///
/// Gamma and chromaticities are not applied: samples come out as stored, with the profile beside them.
enum PNGCodec: Codec {
  static let format = ImageFormat.png

  /// The signature without its first byte and its line ends: a file that was copied as if it were text is still
  /// called a damaged PNG.
  static func recognizes(_ bytes: Content) -> Bool { bytes.has("PNG", at: 1) }

  static func parse(_ bytes: Content) throws(ImageFileError.Cause) -> StoredPicture {
    let chunks = try PNGChunks(bytes)
    let header = try PNGHeader(chunks)
    guard header.rawByteCount <= chunks.dataCount * PNGHeader.greatestCompression else {
      throw .truncated(format, "too few bytes for \(header.size.width)x\(header.size.height) pixels")
    }
    var picture = StoredPicture(size: header.size, layout: header.layout, depth: header.depth == 16 ? 16 : 8)
    if let control = chunks.first("acTL", beforeData: true), control.count == 8 {
      var reader = ByteReader(bytes, from: control.lowerBound, to: control.upperBound)
      // An animation of a single frame is a still picture, if that frame is what the pixels are.
      if let frames = reader.bigEndian32(), frames > 1 || !chunks.hasFrameControlBeforeData {
        picture.isAnimated = true
        picture.frames = frames
      }
    }
    let raw = PNGRawProfiles(chunks)
    picture.metadata = PNGMetadata.read(chunks, raw)
    if chunks.first("iCCP") != nil, picture.metadata.iccProfile == nil {
      picture.leftOut.append("a colour profile that is damaged or too large")
    }
    if PNGMetadata.hasXMP(chunks), picture.metadata.xmp == nil {
      picture.leftOut.append("XMP that is damaged or too large")
    }
    if PNGMetadata.hasTexts(chunks, besides: raw) { picture.leftOut.append("its texts") }
    if chunks.first("caBX") != nil { picture.leftOut.append(StoredPicture.contentCredentials) }
    if chunks.hasPrivate { picture.leftOut.append(StoredPicture.privateChunks) }
    if chunks.trailingBytes > 0 { picture.leftOut.append("bytes behind the end of the PNG") }
    return picture
  }

  static func decode(_ bytes: [UInt8], _ picture: StoredPicture) throws(ImageFileError.Cause) -> Image.Samples
  {
    let layout = acuity_png_layout(picture.size, picture.layout, depth: picture.depth)
    return try unsafe Image.Samples.filled(count: picture.sampleCount, depth: picture.depth) {
      pixels throws(ImageFileError.Cause) in
      try unsafe Message.check(failure) { message, capacity in
        unsafe acuity_png_decode(
          bytes, bytes.count, layout, picture.acceptsDamage ? 1 : 0, pixels, message, capacity)
      }
    }
  }

  /// The file, room for it to grow and a copy of it; from level 7 up also what the other way makes.
  static func encodingMemory(_ size: Size, _ layout: Image.Layout, depth: Int, _ options: EncodeOptions)
    -> Int
  {
    size.width * size.height * layout.channels * (depth / 8) * (options.pngLevel > 6 ? 6 : 5) / 2
  }

  static func encode(_ image: Image, _ options: EncodeOptions) throws(ImageFileError.Cause) -> [UInt8] {
    let layout = acuity_png_layout(image.size, image.layout, depth: image.samples.depth)
    return try encoder(layout, image.metadata, options).encode(image, level: options.pngLevel).bytes
  }

  static func encode(
    _ picture: IncomingPicture, _ options: EncodeOptions
  ) throws(ImageFileError.Cause) -> EncodedFile {
    let layout = acuity_png_layout(picture.size, picture.layout, depth: picture.depth)
    return try encoder(layout, picture.metadata, options).encode(picture, level: options.pngLevel)
  }

  static func rowsAhead(
    _ size: Size, _ layout: Image.Layout, depth: Int, _ options: EncodeOptions
  ) -> [Range<Int>] {
    PNGEncoder.rowsAhead(acuity_png_layout(size, layout, depth: depth), level: options.pngLevel)
  }

  private static func encoder(
    _ layout: acuity_png_layout, _ metadata: Metadata, _ options: EncodeOptions
  ) throws(ImageFileError.Cause) -> PNGEncoder {
    let chunks = try PNGMetadata.chunks(for: metadata.withoutExtendedXMP)
    return PNGEncoder(layout, chunks: chunks, threads: options.threads)
  }
}

extension PNGCodec {
  private static func failure(_ code: Int32, _ text: String) -> ImageFileError.Cause {
    switch Int(code) {
    case ACUITY_PNG_TRUNCATED: .truncated(format, text)
    case ACUITY_PNG_NO_MEMORY: .outOfMemory(bytes: nil)
    default: .corrupt(format, text)
    }
  }
}

extension ImageFormat {
  /// PNG, also what APNG files are.
  public static let png = ImageFormat(
    name: "png", fileExtensions: ["png", "apng"],
    maximumSize: Size(width: 0x7fff_ffff, height: 0x7fff_ffff), supportsAlpha: true, supports16Bit: true,
    isWritable: true)
}

extension acuity_png_layout {
  init(_ size: Size, _ layout: Image.Layout, depth: Int) {
    self.init(
      width: UInt32(size.width), height: UInt32(size.height), channels: Int32(layout.channels),
      depth: Int32(depth))
  }
}

extension acuity_png_buffer {
  /// A copy of the bytes.
  var array: [UInt8] { unsafe Array(UnsafeBufferPointer(start: bytes, count: count)) }
}
