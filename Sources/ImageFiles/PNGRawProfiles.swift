import CPNG
import Pixels

/// Blocks of metadata as texts of hexadecimal digits, as ImageMagick wrote them before PNG had chunks for them:
/// `Raw profile type KIND`, compressed (zTXt) or not (tEXt), then a line with the kind, one with the count of bytes, and the
/// bytes.
struct PNGRawProfiles {
  private(set) var exif: [UInt8]?
  private(set) var xmp: [UInt8]?
  private(set) var iccProfile: [UInt8]?
  /// Where the texts stand that have given something.
  private(set) var read: [Range<Int>] = []

  private static let keyword = "Raw profile type "
  /// What such a text may have: blocks come from segments of a JPEG, of 64 kB.
  private static let limit = 1 << 20

  /// Of each kind the first text: what a file costs must not grow with the number of its chunks.
  init(_ chunks: PNGChunks) {
    for kind in ["exif", "xmp", "APP1", "icc", "icm"] {
      if let (place, block) = Self.first(kind, chunks), take(block, kind) { read.append(place) }
    }
  }

  /// Whether the block is what its kind says.
  private mutating func take(_ block: [UInt8], _ kind: String) -> Bool {
    let segment = Array(JPEGMetadata.xmpIdentifier.utf8)
    switch kind {
    case "xmp":
      xmp = xmp ?? block
    case "icc", "icm":
      iccProfile = iccProfile ?? block
    case _ where Exif.withoutPrefix(block) != block || Exif(block) != nil:
      exif = exif ?? Exif.withoutPrefix(block)
    // Any segment of that code.
    case "APP1" where block.starts(with: segment):
      xmp = xmp ?? Array(block.dropFirst(segment.count))
    default:
      return false
    }
    return true
  }

  private static func first(_ kind: String, _ chunks: PNGChunks) -> (place: Range<Int>, block: [UInt8])? {
    let keyword = keyword + kind + "\0"
    func find(_ type: String) -> Range<Int>? {
      chunks.all(type).first { chunks.bytes.has(keyword, at: $0.lowerBound) }
    }
    let (compressed, plain) = (find("zTXt"), find("tEXt"))
    guard let place = compressed ?? plain else { return nil }
    let text = place.lowerBound + keyword.utf8.count..<place.upperBound
    var lines: [UInt8]?
    if compressed == nil {
      lines = text.count <= limit ? chunks.bytes[text] : nil
    } else if text.count > 1, chunks.bytes[text.lowerBound] == 0 {
      lines = PNGMetadata.inflated(chunks.bytes, text.lowerBound + 1..<text.upperBound, limit: limit)
    }
    return lines.flatMap(block).map { (place, $0) }
  }

  private static func block(_ lines: [UInt8]) -> [UInt8]? {
    let words = lines.split { [0x20, 0x0a, 0x0d, 0x09].contains($0) }
    guard words.count > 2, let count = Int(String(decoding: words[1], as: UTF8.self)) else { return nil }
    let digits = words[2...].joined().compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    // The count is whatever the file says: twice it may be no number.
    guard count > 0, digits.count.isMultiple(of: 2), digits.count / 2 == count else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
