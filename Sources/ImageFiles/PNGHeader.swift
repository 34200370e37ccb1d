import Pixels

/// The picture's shape: IHDR, and whether tRNS adds an alpha channel.
struct PNGHeader {
  let size: Size
  /// Bits per sample as stored: 1, 2, 4, 8 or 16.
  let depth: Int
  let layout: Image.Layout
  /// At most this many bytes come out of one byte of deflate.
  static let greatestCompression = 1032
  /// Bytes of the filtered rows; interlacing only adds to them.
  let rawByteCount: Int

  init(_ chunks: PNGChunks) throws(ImageFileError.Cause) {
    guard let range = chunks.first("IHDR"), range.count == 13 else { throw .corrupt(.png, "bad IHDR") }
    var reader = ByteReader(chunks.bytes, from: range.lowerBound, to: range.upperBound)
    guard let width = reader.bigEndian32(), let height = reader.bigEndian32(),
      let depth = reader.byte().map(Int.init), let colorType = reader.byte()
    else { throw .corrupt(.png, "bad IHDR") }
    guard (1...0x7fff_ffff).contains(width), (1...0x7fff_ffff).contains(height) else {
      throw .corrupt(.png, "a picture of \(width)x\(height) pixels")
    }
    let hasTransparency = Self.hasTransparency(chunks, colorType: colorType, depth: depth)
    let (layout, stored, depths): (Image.Layout, Int, [Int]) =
      switch colorType {
      case 0: (hasTransparency ? .grayAlpha : .gray, 1, [1, 2, 4, 8, 16])
      case 2: (hasTransparency ? .rgba : .rgb, 3, [8, 16])
      case 3: (hasTransparency ? .rgba : .rgb, 1, [1, 2, 4, 8])
      case 4: (.grayAlpha, 2, [8, 16])
      case 6: (.rgba, 4, [8, 16])
      default: throw .corrupt(.png, "unknown colour type \(colorType)")
      }
    guard depths.contains(depth) else {
      throw .corrupt(.png, "colour type \(colorType) with \(depth) bits per sample")
    }
    self.size = Size(width: width, height: height)
    self.depth = depth
    self.layout = layout
    // Below 2^31 * 2^31 * 8 bytes: no overflow.
    let bits = width.multipliedReportingOverflow(by: stored * depth)
    let bytes = (bits.partialValue / 8 + 1).multipliedReportingOverflow(by: height)
    rawByteCount = bytes.overflow ? Int.max : bytes.partialValue
  }

  /// Whether tRNS adds an alpha channel. Of a damaged picture one that does not fit counts as absent, as libpng has it;
  /// otherwise it is found out, and refused, when the pixels are decoded.
  private static func hasTransparency(_ chunks: PNGChunks, colorType: UInt8, depth: Int) -> Bool {
    guard let transparency = chunks.first("tRNS", beforeData: true) else { return false }
    guard chunks.bytes.acceptsDamage else { return true }
    switch colorType {
    case 0: return transparency.count == 2
    case 2: return transparency.count == 6
    case 3:
      guard let palette = chunks.first("PLTE", beforeData: true),
        palette.lowerBound < transparency.lowerBound
      else { return false }
      // Colours beyond what the indices can say are none.
      return (1...max(1, min(palette.count / 3, 1 << depth))).contains(transparency.count)
    default: return true
    }
  }
}
