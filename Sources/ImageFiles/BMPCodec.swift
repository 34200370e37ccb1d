import Pixels

/// Windows bitmaps without compression, as the research sets come: 8 bits with a palette, 24 bits, and 32 bits,
/// whose fourth byte is ignored. Read only.
enum BMPCodec: Codec {
  static let format = ImageFormat.bmp

  fileprivate static let advice = "convert it to PNG with another program"

  static func recognizes(_ bytes: Content) -> Bool {
    // "BM" alone also begins texts; a known length of the second header makes it a bitmap.
    guard bytes.has("BM", at: 0) else { return false }
    var reader = ByteReader(bytes, from: 14)
    return reader.littleEndian32().map { [12, 40, 52, 56, 64, 108, 124].contains($0) } ?? true
  }

  static func parse(_ bytes: Content) throws(ImageFileError.Cause) -> StoredPicture {
    let header = try BMPHeader(bytes)
    var picture = StoredPicture(size: header.size, layout: header.isGrayPalette ? .gray : .rgb)
    picture.metadata.resolution = header.resolution
    if let profile = BMPHeader.profile(bytes) {
      if profile.isEmpty {
        picture.leftOut.append("a damaged colour profile")
      } else {
        picture.metadata.iccProfile = bytes[profile]
      }
    }
    return picture
  }

  static func decode(_ bytes: [UInt8], _ picture: StoredPicture) throws(ImageFileError.Cause) -> Image.Samples
  {
    let header = try BMPHeader(Content(bytes))
    let (width, height) = (header.size.width, header.size.height)
    var samples = [UInt8](repeating: 0, count: picture.sampleCount)
    var to = 0
    for y in 0..<height {
      var from = header.pixelOffset + (header.isTopDown ? y : height - 1 - y) * header.rowBytes
      switch header.bits {
      case 8:
        for _ in 0..<width {
          let index = Int(bytes[from])
          from += 1
          guard index < header.palette.count else {
            throw .corrupt(format, "a pixel with colour \(index) of \(header.palette.count)")
          }
          let color = header.palette[index]
          samples[to] = color.red
          to += 1
          if !header.isGrayPalette {
            samples[to] = color.green
            samples[to + 1] = color.blue
            to += 2
          }
        }
      default:
        for _ in 0..<width {
          samples[to] = bytes[from + 2]
          samples[to + 1] = bytes[from + 1]
          samples[to + 2] = bytes[from]
          from += header.bits / 8
          to += 3
        }
      }
    }
    return .uint8(samples)
  }
}

extension ImageFormat {
  /// BMP, which is only read.
  public static let bmp = ImageFormat(
    name: "bmp", fileExtensions: ["bmp", "dib"], maximumSize: Size(width: 0x7fff_ffff, height: 0x7fff_ffff),
    supportsAlpha: false, supports16Bit: false, isWritable: false)
}

/// A bitmap's two headers and its palette, with everything inside the file.
private struct BMPHeader {
  struct Color {
    let red: UInt8
    let green: UInt8
    let blue: UInt8
  }

  let size: Size
  let isTopDown: Bool
  let bits: Int
  let pixelOffset: Int
  let rowBytes: Int
  let palette: [Color]
  let resolution: Metadata.Resolution?

  /// A palette of grays only: the picture is gray.
  var isGrayPalette: Bool {
    bits == 8 && palette.allSatisfy { $0.red == $0.green && $0.green == $0.blue }
  }

  init(_ bytes: Content) throws(ImageFileError.Cause) {
    var reader = ByteReader(bytes, from: 2)
    guard reader.range(8) != nil, let pixelOffset = reader.littleEndian32(),
      let headerSize = reader.littleEndian32()
    else { throw .truncated(.bmp, "the file ends in its header") }
    guard headerSize >= 40 else {
      throw .unsupported(.bmp, "an OS/2 header", advice: BMPCodec.advice)
    }
    guard let width = reader.littleEndian32().map(Self.signed),
      let rows = reader.littleEndian32().map(Self.signed),
      let planes = reader.littleEndian16(), let bits = reader.littleEndian16(),
      let compression = reader.littleEndian32(), reader.range(4) != nil,
      let xResolution = reader.littleEndian32(), let yResolution = reader.littleEndian32(),
      let colors = reader.littleEndian32(), reader.range(4) != nil, 14 + headerSize <= bytes.count
    else { throw .truncated(.bmp, "the file ends in its header") }
    guard width > 0, rows != 0, planes == 1 else {
      throw .corrupt(.bmp, "a picture of \(width)x\(abs(rows)) pixels in \(planes) planes")
    }
    guard [8, 24, 32].contains(bits), compression == 0 else {
      throw .unsupported(
        .bmp, "\(bits) bits per pixel, compression \(compression)", advice: BMPCodec.advice)
    }
    size = Size(width: width, height: abs(rows))
    isTopDown = rows < 0
    self.bits = bits
    self.pixelOffset = pixelOffset
    rowBytes = (width * bits + 31) / 32 * 4
    resolution =
      (1...0x7fff_ffff).contains(xResolution) && (1...0x7fff_ffff).contains(yResolution)
      ? Metadata.Resolution(x: Double(xResolution), y: Double(yResolution), unit: .meter) : nil

    let paletteStart = 14 + headerSize
    let paletteCount = bits == 8 ? (colors == 0 ? 256 : colors) : 0
    guard paletteCount <= 256 else { throw .corrupt(.bmp, "a palette of \(paletteCount) colours") }
    guard pixelOffset >= paletteStart + paletteCount * 4 else {
      throw .corrupt(.bmp, "the pixels begin inside the header")
    }
    let (pixelBytes, overflow) = rowBytes.multipliedReportingOverflow(by: size.height)
    guard !overflow, pixelOffset <= bytes.count, pixelBytes <= bytes.count - pixelOffset else {
      throw .truncated(.bmp, "the file ends before its last pixel")
    }
    palette = (0..<paletteCount).map {
      let entry = paletteStart + $0 * 4
      return Color(red: bytes[entry + 2], green: bytes[entry + 1], blue: bytes[entry])
    }
  }

  /// Where the profile is that a header of the fifth version says is in the file, at a place counted from that header; nowhere, as
  /// an empty range, if the file ends before.
  static func profile(_ bytes: Content) -> Range<Int>? {
    let (start, fifthVersion, embedded) = (14, 124, 0x4d42_4544)
    var reader = ByteReader(bytes, from: start)
    guard reader.littleEndian32() == fifthVersion, reader.range(52) != nil,
      reader.littleEndian32() == embedded, reader.range(52) != nil, let offset = reader.littleEndian32(),
      let count = reader.littleEndian32()
    else { return nil }
    var profile = ByteReader(bytes, from: start + offset)
    return profile.range(count) ?? start..<start
  }

  private static func signed(_ word: Int) -> Int { Int(Int32(truncatingIfNeeded: word)) }
}
