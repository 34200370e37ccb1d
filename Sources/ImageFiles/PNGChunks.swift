/// The chunks of a PNG file, walked with every length checked. Their CRCs are checked when the pixels are decoded.
struct PNGChunks {
  static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Chunks besides those of pixels and frames: usual files have a dozen.
  private static let chunkLimit = 10_000

  let bytes: Content
  /// Type and data range of every chunk but those of pixels and frames, in the file's order.
  private var list: [(type: String, data: Range<Int>, isBeforeData: Bool)] = []
  /// Bytes of compressed pixels.
  private(set) var dataCount = 0
  /// Whether the pixels are an animation's first frame too: otherwise they only stand in for it where it is not understood.
  private(set) var hasFrameControlBeforeData = false
  /// Bytes behind the last chunk.
  private(set) var trailingBytes = 0

  init(_ bytes: Content) throws(ImageFileError.Cause) {
    self.bytes = bytes
    guard bytes.starts(with: Self.signature) else {
      if Self.signature.starts(with: bytes[0..<min(bytes.count, Self.signature.count)]) {
        throw .truncated(.png, "the file ends in its signature")
      }
      throw .corrupt(.png, "its signature is broken, as if the file had been copied as text")
    }
    var reader = ByteReader(bytes, from: Self.signature.count)
    var hasData = false
    while true {
      // Damage behind the first pixels leaves some of them.
      let isEnough = bytes.acceptsDamage && hasData
      guard let length = reader.bigEndian32(), let typeRange = reader.range(4) else {
        if isEnough { break }
        throw .truncated(.png, "the file ends before its last chunk")
      }
      guard length <= 0x7fff_ffff, bytes[typeRange].allSatisfy(\.isLetter) else {
        if isEnough { break }
        throw .corrupt(.png, "no chunk at byte \(typeRange.lowerBound - 4)")
      }
      let type = String(decoding: bytes[typeRange], as: UTF8.self)
      if let unsupported = Self.unsupported(type) {
        throw .unsupported(
          .png, unsupported, advice: "convert it to an ordinary PNG with the program that wrote it")
      }
      if list.isEmpty && type != "IHDR" { throw .corrupt(.png, "the first chunk is \(type), not IHDR") }
      guard let data = reader.range(length), reader.range(4) != nil else {
        if bytes.acceptsDamage, type == "IDAT" {
          hasData = true
          dataCount += bytes.count - typeRange.upperBound
        }
        if bytes.acceptsDamage, hasData { break }
        throw .truncated(.png, "the file ends inside chunk \(type)")
      }
      if type == "IEND" {
        trailingBytes = bytes.count - reader.position
        break
      }
      switch type {
      case "IDAT":
        hasData = true
        dataCount += length
      case "fcTL":
        hasFrameControlBeforeData = hasFrameControlBeforeData || !hasData
      case "fdAT":
        break
      default:
        guard list.count < Self.chunkLimit else {
          throw .corrupt(.png, "more than \(Self.chunkLimit) chunks")
        }
        list.append((type, data, !hasData))
      }
    }
    if !hasData { throw .corrupt(.png, "no pixels (IDAT)") }
  }

  /// What a chunk that a reader must understand, as its capital says, makes of the file; nil for all others.
  private static func unsupported(_ type: String) -> String? {
    if type == "CgBI" { return "Apple's own kind (CgBI)" }
    let isCritical = type.utf8.first.map { $0 & 0x20 == 0 } ?? false
    return isCritical && !["IHDR", "PLTE", "IDAT", "IEND"].contains(type) ? "critical chunk \(type)" : nil
  }

  /// The data of the first chunk of a type.
  func first(_ type: String, beforeData: Bool = false) -> Range<Int>? {
    list.first { $0.type == type && (!beforeData || $0.isBeforeData) }?.data
  }

  /// Whether there are chunks of single programs, as their second letter says, that are none of APNG's or C2PA's and say more
  /// than where on a canvas the picture has been.
  var hasPrivate: Bool {
    list.contains {
      $0.type.utf8.dropFirst().first.map { $0 & 0x20 != 0 } == true
        && !["acTL", "caBX", "caNv", "vpAg"].contains($0.type)
    }
  }

  func all(_ type: String) -> [Range<Int>] { list.filter { $0.type == type }.map(\.data) }
}

extension UInt8 {
  fileprivate var isLetter: Bool { (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self) }
}
