import Pixels

/// The RIFF chunks of a WebP file: their sizes have to fill the container exactly.
struct WebPContainer {
  typealias Chunk = (type: String, data: Range<Int>)

  /// Long animations have some thousands.
  private static let chunkLimit = 100_000

  let bytes: Content
  let chunks: [Chunk]
  /// Where the container ends; the file may go on.
  private let end: Int

  /// Bytes of the file behind the container.
  var trailingBytes: Int { bytes.count - end }

  init(_ bytes: Content) throws(ImageFileError.Cause) {
    self.bytes = bytes
    var reader = ByteReader(bytes, from: 4)
    guard let size = reader.littleEndian32(), bytes.count >= 12 else {
      throw .truncated(.webp, "the file ends in its header")
    }
    if size + 8 > bytes.count {
      throw .truncated(.webp, "\(bytes.count) of \(size + 8) bytes")
    }
    guard size >= 4 else { throw .corrupt(.webp, "a container of \(size) bytes") }
    end = size + 8
    chunks = try Self.chunks(bytes, in: 12..<end)
  }

  /// The chunks that fill a range: type, length, data, and a byte of padding after an odd length, which some writers leave
  /// out at the end.
  private static func chunks(
    _ bytes: Content, in range: Range<Int>
  ) throws(ImageFileError.Cause) -> [Chunk] {
    var chunks: [Chunk] = []
    var reader = ByteReader(bytes, from: range.lowerBound, to: range.upperBound)
    while reader.remaining > 0 {
      guard let type = reader.range(4), let size = reader.littleEndian32(), let data = reader.range(size),
        reader.range(size % 2) != nil || reader.remaining == 0
      else { throw .truncated(.webp, "a chunk goes beyond the end") }
      guard chunks.count < chunkLimit else { throw .corrupt(.webp, "more than \(chunkLimit) chunks") }
      chunks.append((String(decoding: bytes[type], as: UTF8.self), data))
    }
    return chunks
  }

  /// Whether there are chunks that are none of WebP's or C2PA's.
  var hasUnknown: Bool {
    let known = ["VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP", "EXIF", "XMP ", "C2PA"]
    return chunks.contains { !known.contains($0.type) }
  }

  func first(_ type: String) -> Range<Int>? { chunks.first { $0.type == type }?.data }
}

// MARK: - Pictures

extension WebPContainer {
  /// One compressed picture and where it lies on the canvas.
  struct Frame {
    var x = 0
    var y = 0
    var size: Size
    var hasAlpha: Bool
    var isLossless: Bool
    /// What the decoder is given.
    var data: Range<Int>
  }

  struct Canvas {
    let size: Size
    /// The still picture, or an animation's first frame.
    let frame: Frame
    /// 0 for a still picture.
    let frameCount: Int

    /// An uncovered part of the canvas is transparent.
    var hasAlpha: Bool { frame.hasAlpha || frame.size != size }
  }

  func canvas() throws(ImageFileError.Cause) -> Canvas {
    let beginning = chunks.first?.type
    guard beginning == "VP8X" else {
      guard beginning == "VP8 " || beginning == "VP8L" else {
        throw .corrupt(.webp, "it begins with neither its header (VP8X) nor a picture")
      }
      let frame = try self.frame(in: chunks)
      return Canvas(size: frame.size, frame: frame, frameCount: 0)
    }
    var reader = ByteReader(bytes, from: chunks[0].data.lowerBound, to: chunks[0].data.upperBound)
    guard let flags = reader.byte(), reader.range(3) != nil, let width = reader.littleEndian24(),
      let height = reader.littleEndian24()
    else { throw .corrupt(.webp, "bad VP8X") }
    let size = Size(width: width + 1, height: height + 1)
    let animation = chunks.filter { $0.type == "ANMF" }
    if flags & 0x02 != 0 || !animation.isEmpty {
      guard let first = animation.first else { throw .corrupt(.webp, "an animation without frames") }
      return Canvas(size: size, frame: try animationFrame(first.data, on: size), frameCount: animation.count)
    }
    var frame = try self.frame(in: chunks)
    guard frame.size == size else {
      throw .corrupt(.webp, "a picture that does not fill its canvas")
    }
    frame.data = 0..<end
    return Canvas(size: size, frame: frame, frameCount: 0)
  }

  private func animationFrame(_ data: Range<Int>, on canvas: Size) throws(ImageFileError.Cause) -> Frame {
    var reader = ByteReader(bytes, from: data.lowerBound, to: data.upperBound)
    guard let x = reader.littleEndian24(), let y = reader.littleEndian24(),
      let width = reader.littleEndian24(), let height = reader.littleEndian24(), reader.range(4) != nil
    else { throw .corrupt(.webp, "bad ANMF") }
    var frame = try self.frame(in: Self.chunks(bytes, in: reader.position..<data.upperBound))
    (frame.x, frame.y) = (2 * x, 2 * y)
    guard frame.size == Size(width: width + 1, height: height + 1),
      frame.x + frame.size.width <= canvas.width, frame.y + frame.size.height <= canvas.height
    else { throw .corrupt(.webp, "a frame that goes beyond its canvas") }
    return frame
  }

  /// The picture among `chunks`: VP8L, or VP8 with an optional ALPH before it.
  private func frame(in chunks: [Chunk]) throws(ImageFileError.Cause) -> Frame {
    let pictures = chunks.filter { $0.type == "VP8 " || $0.type == "VP8L" }
    guard pictures.count == 1, let picture = pictures.first else {
      throw .corrupt(.webp, pictures.isEmpty ? "no pixels" : "more than one picture")
    }
    var reader = ByteReader(bytes, from: picture.data.lowerBound, to: picture.data.upperBound)
    if picture.type == "VP8L" {
      guard let signature = reader.byte(), let word = reader.littleEndian32(), signature == 0x2f,
        word >> 29 == 0
      else { throw .corrupt(.webp, "bad lossless header") }
      return Frame(
        size: Size(width: word & 0x3fff + 1, height: word >> 14 & 0x3fff + 1),
        hasAlpha: word >> 28 & 1 == 1, isLossless: true, data: withHeader(picture.data))
    }
    guard let tag = reader.littleEndian24(), let start = reader.range(3), let width = reader.littleEndian16(),
      let height = reader.littleEndian16(), tag & 1 == 0, bytes[start].elementsEqual([0x9d, 0x01, 0x2a]),
      width & 0x3fff > 0, height & 0x3fff > 0
    else { throw .corrupt(.webp, "bad lossy header") }
    let alpha = chunks.first { $0.type == "ALPH" && $0.data.lowerBound < picture.data.lowerBound }?.data
    let first = withHeader(alpha ?? picture.data).lowerBound
    return Frame(
      size: Size(width: width & 0x3fff, height: height & 0x3fff), hasAlpha: alpha != nil,
      isLossless: false, data: first..<withHeader(picture.data).upperBound)
  }

  private func withHeader(_ data: Range<Int>) -> Range<Int> {
    data.lowerBound - 8..<min(data.upperBound + data.count % 2, end)
  }
}

// MARK: - Metadata

extension WebPContainer {
  func metadata() -> Metadata {
    guard chunks.first?.type == "VP8X" else { return Metadata() }
    return Metadata(
      iccProfile: first("ICCP").map { bytes[$0] }, exif: first("EXIF").map { Exif.withoutPrefix(bytes[$0]) },
      xmp: first("XMP ").map { bytes[$0] })
  }

  /// The same picture's file with metadata; this one must be a still picture as libwebp writes it.
  func adding(_ metadata: Metadata, size: Size, hasAlpha: Bool) -> [UInt8] {
    let pictures = chunks.filter { ["ALPH", "VP8 ", "VP8L"].contains($0.type) }
    var flags: UInt8 = hasAlpha ? 0x10 : 0
    if metadata.iccProfile != nil { flags |= 0x20 }
    if metadata.exif != nil { flags |= 0x08 }
    if metadata.xmp != nil { flags |= 0x04 }

    var result = Array("RIFF\0\0\0\0WEBP".utf8)
    result.reserveCapacity(
      bytes.count + 64 + (metadata.iccProfile?.count ?? 0) + (metadata.exif?.count ?? 0)
        + (metadata.xmp?.count ?? 0))
    func append(_ type: String, _ data: [UInt8]) {
      result += Array(type.utf8)
      result.appendLittleEndian32(data.count)
      result += data
      if data.count % 2 == 1 { result.append(0) }
    }
    var canvas: [UInt8] = []
    canvas.appendLittleEndian32(Int(flags))
    for side in [size.width - 1, size.height - 1] {
      for shift in [0, 8, 16] { canvas.append(UInt8(side >> shift & 0xff)) }
    }
    append("VP8X", canvas)
    if let profile = metadata.iccProfile { append("ICCP", profile) }
    for picture in pictures { append(picture.type, bytes[picture.data]) }
    if let exif = metadata.exif { append("EXIF", exif) }
    if let xmp = metadata.xmp { append("XMP ", xmp) }
    var size: [UInt8] = []
    size.appendLittleEndian32(result.count - 8)
    result.replaceSubrange(4..<8, with: size)
    return result
  }
}
