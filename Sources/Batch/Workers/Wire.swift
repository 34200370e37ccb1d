/// Writes the head of a message between a process and its codec worker: fixed-width little-endian numbers, byte
/// strings with their length before them.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: UInt8) { bytes.append(value) }
  mutating func append(_ value: Bool) { bytes.append(value ? 1 : 0) }

  mutating func append(_ value: Int) {
    let value = UInt64(bitPattern: Int64(value))
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }

  mutating func append(_ value: Double) { append(Int(bitPattern: UInt(value.bitPattern))) }

  mutating func append(_ value: [UInt8]) {
    append(value.count)
    bytes += value
  }

  mutating func append(_ value: String) { append(Array(value.utf8)) }

  mutating func append<Value>(_ value: Value?, _ body: (inout WireWriter, Value) -> Void) {
    append(value != nil)
    if let value { body(&self, value) }
  }
}

/// What a peer has sent that is no message. A worker whose codec was taken over may send anything.
struct WireError: Error {}

/// Reads what ``WireWriter`` writes; every length is held against what is there.
struct WireReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
  }

  /// Throws unless everything was read.
  func finish() throws(WireError) {
    guard rest.isEmpty else { throw WireError() }
  }

  mutating func byte() throws(WireError) -> UInt8 {
    guard let byte = rest.popFirst() else { throw WireError() }
    return byte
  }

  mutating func bool() throws(WireError) -> Bool {
    let byte = try byte()
    guard byte <= 1 else { throw WireError() }
    return byte == 1
  }

  mutating func int() throws(WireError) -> Int {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 8) { value |= UInt64(try byte()) << UInt64(shift) }
    return Int(Int64(bitPattern: value))
  }

  /// A number in `range`.
  mutating func int(_ range: ClosedRange<Int>) throws(WireError) -> Int {
    let value = try int()
    guard range.contains(value) else { throw WireError() }
    return value
  }

  mutating func double() throws(WireError) -> Double {
    Double(bitPattern: UInt64(UInt(bitPattern: try int())))
  }

  mutating func array() throws(WireError) -> [UInt8] {
    let count = try int(0...rest.count)
    let bytes = Array(rest.prefix(count))
    rest = rest.dropFirst(count)
    return bytes
  }

  mutating func text() throws(WireError) -> String {
    String(decoding: try array(), as: UTF8.self)
  }

  mutating func optional<Value>(
    _ body: (inout WireReader) throws(WireError) -> Value
  ) throws(WireError) -> Value? {
    try bool() ? try body(&self) : nil
  }
}
