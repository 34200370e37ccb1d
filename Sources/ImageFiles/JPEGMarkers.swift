import Pixels

/// The segments of a JPEG file up to its first scan.
struct JPEGMarkers {
  static let conversionAdvice = "convert it to an ordinary JPEG or PNG with another program"

  /// A large profile and a large XMP packet take some hundreds.
  private static let segmentLimit = 10_000

  /// Marker code (the byte after 0xff) and data range, without the length.
  typealias Segment = (code: UInt8, data: Range<Int>)

  let bytes: Content
  /// In the file's order.
  private(set) var segments: [Segment] = []

  init(_ bytes: Content) throws(ImageFileError.Cause) {
    self.bytes = bytes
    var reader = ByteReader(bytes, from: 2)
    while true {
      let code = try Self.nextMarker(&reader)
      switch code {
      case 0x01, 0xd0...0xd7: continue  // markers without a segment
      case 0xd8: throw .corrupt(.jpeg, "a second start of image")
      case 0xd9: throw .corrupt(.jpeg, "no pixels (the image ends before its first scan)")
      default: break
      }
      guard let length = reader.bigEndian16() else { throw .truncated(.jpeg, "the file ends in its header") }
      guard length >= 2 else { throw .corrupt(.jpeg, "a segment of length \(length)") }
      guard let data = reader.range(length - 2) else {
        throw .truncated(.jpeg, "the file ends in its header")
      }
      guard segments.count < Self.segmentLimit else {
        throw .corrupt(.jpeg, "more than \(Self.segmentLimit) segments")
      }
      segments.append((code, data))
      if code == 0xda { return }
    }
  }

  /// What stands before a marker is damage: a segment that says a wrong length, or bytes that are none of the file's.
  private static func nextMarker(_ reader: inout ByteReader) throws(ImageFileError.Cause) -> UInt8 {
    var previous: UInt8 = 0
    while let byte = reader.byte() {
      if previous == 0xff, byte != 0, byte != 0xff { return byte }
      guard byte == 0xff || reader.bytes.acceptsDamage else {
        throw .corrupt(.jpeg, "no marker at byte \(reader.position - 1)")
      }
      previous = byte
    }
    throw .truncated(.jpeg, "the file ends in its header")
  }

  /// The data of the segments with a code that begin with `identifier`, without it.
  func segments(_ code: UInt8, identifier: String) -> [Range<Int>] {
    segments.filter { $0.code == code }.compactMap { data(of: $0, after: identifier) }
  }

  /// A segment's data without the `identifier` that it begins with; nil if it does not.
  func data(of segment: Segment, after identifier: String) -> Range<Int>? {
    let (data, length) = (segment.data, identifier.utf8.count)
    guard data.count >= length, bytes.has(identifier, at: data.lowerBound) else { return nil }
    return data.lowerBound + length..<data.upperBound
  }
}

extension JPEGMarkers {
  struct Frame {
    let size: Size
    let components: Int
  }

  /// The frame header, when it is of a kind that can be decoded.
  func frame() throws(ImageFileError.Cause) -> Frame {
    let jpegLS: UInt8 = 0xf7
    let frames = segments.filter {
      (0xc0...0xcf).contains($0.code) && ![0xc4, 0xc8, 0xcc].contains($0.code) || $0.code == jpegLS
    }
    guard let frame = frames.first else { throw .corrupt(.jpeg, "no frame header") }
    guard frames.count == 1 else { throw .corrupt(.jpeg, "more than one frame header") }
    switch frame.code {
    case 0xc0, 0xc1, 0xc2: break
    case 0xc3, 0xc7, 0xcb, 0xcf, jpegLS:
      throw .unsupported(.jpeg, "lossless coding", advice: Self.conversionAdvice)
    case 0xc9, 0xca:
      // Its decoder cannot tell damaged data from good.
      throw .unsupported(
        .jpeg, "arithmetic coding", advice: "rewrite it without loss: jpegtran -optimize IN > OUT")
    default: throw .unsupported(.jpeg, "hierarchical coding", advice: Self.conversionAdvice)
    }
    var reader = ByteReader(bytes, from: frame.data.lowerBound, to: frame.data.upperBound)
    guard let precision = reader.byte(), let height = reader.bigEndian16(),
      let width = reader.bigEndian16(), let components = reader.byte().map(Int.init),
      reader.remaining == components * 3
    else { throw .corrupt(.jpeg, "bad frame header") }
    guard precision == 8 else {
      throw .unsupported(.jpeg, "\(precision) bits per sample", advice: Self.conversionAdvice)
    }
    if height == 0 {
      throw .unsupported(.jpeg, "a height that comes after the pixels (DNL)", advice: Self.conversionAdvice)
    }
    let most = ImageFormat.jpeg.maximumSize
    guard width <= most.width, height <= most.height else {
      throw .unsupported(
        .jpeg, "\(width)x\(height) pixels, a side of more than \(most.width)", advice: Self.conversionAdvice)
    }
    guard width > 0 else { throw .corrupt(.jpeg, "a picture of \(width)x\(height) pixels") }
    guard [1, 3, 4].contains(components) else {
      throw .unsupported(.jpeg, "\(components) colour components", advice: Self.conversionAdvice)
    }
    return Frame(size: Size(width: width, height: height), components: components)
  }
}
