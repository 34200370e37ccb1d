/// A bounded walk through bytes; every read past the end is nil, never a trap.
struct ByteReader {
  let bytes: Content
  private(set) var position: Int
  let end: Int

  init(_ bytes: Content, from start: Int = 0, to end: Int? = nil) {
    self.bytes = bytes
    self.end = min(max(end ?? bytes.count, 0), bytes.count)
    position = min(max(start, 0), self.end)
  }

  var remaining: Int { end - position }

  mutating func byte() -> UInt8? {
    guard remaining >= 1 else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  /// The next `count` bytes' range.
  mutating func range(_ count: Int) -> Range<Int>? {
    guard count >= 0, count <= remaining else { return nil }
    defer { position += count }
    return position..<position + count
  }

  mutating func bigEndian16() -> Int? {
    range(2).map { Int(bytes[$0.lowerBound]) << 8 | Int(bytes[$0.lowerBound + 1]) }
  }

  mutating func bigEndian32() -> Int? {
    range(4).map { bytes[$0].reduce(0) { $0 << 8 | Int($1) } }
  }

  mutating func littleEndian16() -> Int? {
    range(2).map { Int(bytes[$0.lowerBound]) | Int(bytes[$0.lowerBound + 1]) << 8 }
  }

  mutating func littleEndian24() -> Int? {
    range(3).map { bytes[$0].reversed().reduce(0) { $0 << 8 | Int($1) } }
  }

  mutating func littleEndian32() -> Int? {
    range(4).map { bytes[$0].reversed().reduce(0) { $0 << 8 | Int($1) } }
  }
}

extension [UInt8] {
  mutating func appendBigEndian16(_ value: Int) {
    append(UInt8(value >> 8 & 0xff))
    append(UInt8(value & 0xff))
  }

  mutating func appendBigEndian32(_ value: Int) {
    appendBigEndian16(value >> 16)
    appendBigEndian16(value)
  }

  mutating func appendLittleEndian32(_ value: Int) {
    for shift in stride(from: 0, to: 32, by: 8) { append(UInt8(value >> shift & 0xff)) }
  }
}
