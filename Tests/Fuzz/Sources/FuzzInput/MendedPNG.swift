/// A PNG whose chunks are taken from a mutated file, with lengths and checksums made right, and with its pixel data
/// compressed anew if it is no zlib stream: what is mutated then is what the decoder sees.
struct MendedPNG {
  private(set) var bytes: [UInt8] = Self.signature

  /// `nil` if `mutant` is too short to be anything.
  init?(_ mutant: [UInt8]) {
    guard mutant.count >= 8 + 25 else { return nil }
    var start = 8
    var pixels: [UInt8] = []
    while start + 8 <= mutant.count {
      let length = Self.number(mutant[start..<start + 4])
      let type = Array(mutant[(start + 4)..<(start + 8)])
      let end = min(mutant.count, start + 8 + min(length, mutant.count))
      let content = Array(mutant[(start + 8)..<end])
      if type == Self.data, content.first != 0x78 {
        pixels += content
      } else {
        if !pixels.isEmpty { append(Self.data, Self.stored(pixels)) }
        pixels = []
        append(type, content)
      }
      start = end + 4
    }
    if !pixels.isEmpty { append(Self.data, Self.stored(pixels)) }
    append(Array("IEND".utf8), [])
  }

  private static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
  private static let data = Array("IDAT".utf8)

  private mutating func append(_ type: [UInt8], _ content: [UInt8]) {
    bytes += Self.bytes(UInt32(content.count)) + type + content + Self.bytes(Self.crc(type + content))
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  private static func bytes(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// A zlib stream of stored blocks (RFC 1950, RFC 1951).
  static func stored(_ content: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    var rest = content[...]
    repeat {
      let block = rest.prefix(65_535)
      rest = rest.dropFirst(block.count)
      let count = UInt16(block.count)
      stream += [rest.isEmpty ? 1 : 0, UInt8(truncatingIfNeeded: count), UInt8(count >> 8)]
      stream += [UInt8(truncatingIfNeeded: ~count), UInt8(~count >> 8)] + block
    } while !rest.isEmpty
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in content {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return stream + bytes(b << 16 | a)
  }

  /// CRC-32 as PNG has it (its annex D).
  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { crc, byte in table[Int((crc ^ UInt32(byte)) & 0xff)] ^ crc >> 8 }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 0 ? value >> 1 : 0xedb8_8320 ^ value >> 1 }
  }
}
