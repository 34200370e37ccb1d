import CWebP
import Pixels

/// WebP (RFC 9649): lossy and lossless, with alpha and metadata; of an animation the first frame.
enum WebPCodec: Codec {
  static let format = ImageFormat.webp

  static func recognizes(_ bytes: Content) -> Bool { bytes.has("RIFF", at: 0) && bytes.has("WEBP", at: 8) }

  static func parse(_ bytes: Content) throws(ImageFileError.Cause) -> StoredPicture {
    let container = try WebPContainer(bytes)
    let canvas = try container.canvas()
    var picture = StoredPicture(size: canvas.size, layout: canvas.hasAlpha ? .rgba : .rgb)
    picture.isLossless = canvas.frame.isLossless
    // An animation of a single frame is a still picture.
    picture.isAnimated = canvas.frameCount > 1
    picture.frames = picture.isAnimated ? canvas.frameCount : nil
    picture.metadata = container.metadata()
    if container.first("C2PA") != nil { picture.leftOut.append(StoredPicture.contentCredentials) }
    if container.hasUnknown { picture.leftOut.append(StoredPicture.privateChunks) }
    if container.trailingBytes > 0 { picture.leftOut.append("bytes behind the end of the WebP") }
    return picture
  }

  static func decode(_ bytes: [UInt8], _ picture: StoredPicture) throws(ImageFileError.Cause) -> Image.Samples
  {
    let content = Content(bytes, acceptsDamage: picture.acceptsDamage)
    let frame = try WebPContainer(content).canvas().frame
    let channels = picture.layout.channels
    let stride = picture.size.width * channels
    return try unsafe Image.Samples.filled(count: picture.sampleCount, depth: 8) {
      pixels throws(ImageFileError.Cause) in
      if frame.size != picture.size {
        unsafe pixels.initializeMemory(as: UInt8.self, repeating: 0, count: picture.sampleCount)
      }
      let first = unsafe pixels.assumingMemoryBound(to: UInt8.self) + frame.y * stride + frame.x * channels
      try unsafe Message.check(failure) { message, capacity in
        unsafe acuity_webp_decode(
          bytes, frame.data.lowerBound, frame.data.count, UInt32(frame.size.width),
          UInt32(frame.size.height), Int32(channels), first, stride, message, capacity)
      }
    }
  }

  /// As measured: libwebp's search for repetitions keeps much of each pixel, whatever its channels, and lossy pictures with
  /// alpha go through it too.
  static func encodingMemory(_ size: Size, _ layout: Image.Layout, depth: Int, _ options: EncodeOptions)
    -> Int
  {
    size.width * size.height * (options.lossless ? 38 : layout.hasAlpha ? 48 : 30)
  }

  static func encode(_ image: Image, _ options: EncodeOptions) throws(ImageFileError.Cause) -> [UInt8] {
    let picture = acuity_webp_picture(
      width: UInt32(image.width), height: UInt32(image.height), channels: Int32(image.layout.channels),
      depth: Int32(image.samples.depth), quality: Int32(options.quality), lossless: options.lossless ? 1 : 0)
    var out = unsafe acuity_webp_buffer()
    defer { unsafe acuity_webp_free(&out) }
    try unsafe Message.check(encodingFailure) { message, capacity in
      unsafe image.samples.withUnsafePointer { pixels in
        unsafe acuity_webp_encode(pixels, picture, &out, message, capacity)
      }
    }
    let bare = unsafe Array(UnsafeBufferPointer(start: out.bytes, count: out.count))
    var metadata = image.metadata.withoutExtendedXMP
    // A WebP is always in colour, and a profile of gray says nothing of three channels.
    if metadata.hasGrayProfile { metadata.iccProfile = nil }
    // The container has no field for the resolution; EXIF has.
    if let resolution = metadata.resolution {
      if var exif = metadata.exif.flatMap({ Exif($0) }) {
        if exif.resolution == nil { exif.add(resolution) }
        metadata.exif = exif.bytes
      } else if metadata.exif == nil {
        metadata.exif = Exif.block(resolution)
      }
    }
    if metadata.iccProfile == nil && metadata.exif == nil && metadata.xmp == nil { return bare }
    let container = try WebPContainer(Content(bare))
    let canvas = try container.canvas()
    return container.adding(metadata, size: canvas.size, hasAlpha: canvas.hasAlpha)
  }
}

extension WebPCodec {
  private static func failure(_ code: Int32, _ text: String) -> ImageFileError.Cause {
    switch Int(code) {
    case ACUITY_WEBP_TRUNCATED: .truncated(format, text)
    case ACUITY_WEBP_NO_MEMORY: .outOfMemory(bytes: nil)
    case ACUITY_WEBP_WRONG_LIBRARY:
      .unsupported(format, text, advice: "install that version, or build Acuity anew")
    default: .corrupt(format, text)
    }
  }

  private static func encodingFailure(_ code: Int32, _ text: String) -> ImageFileError.Cause {
    Int(code) == ACUITY_WEBP_NO_MEMORY ? .outOfMemory(bytes: nil) : .encodingFailed(format, text)
  }
}

extension ImageFormat {
  /// WebP, lossy and lossless: 8 bits.
  public static let webp = ImageFormat(
    name: "webp", fileExtensions: ["webp"], maximumSize: Size(width: 16_383, height: 16_383),
    supportsAlpha: true, supports16Bit: false, isWritable: true)
}
