/// Reads the strict JSON of a safetensors header, one token at a time.
///
/// The header is untrusted, and general decoders are too kind to it: they take trailing commas, repeated keys, a
/// byte-order mark, or `1.0` for a whole number. This scanner knows RFC 8259's strings and objects and, of its
/// numbers, the unsigned whole ones, which is all that a header may hold. It never looks behind `end` and never
/// recurses.
struct HeaderScanner {
  /// Where reading stopped, and why.
  struct Failure: Error {
    let offset: Int
    let reason: String
  }

  private let bytes: [UInt8]
  private let end: Int
  private(set) var position: Int

  init(_ bytes: [UInt8], in range: Range<Int>) {
    precondition(range.upperBound <= bytes.count)
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  func failure(_ reason: String) -> Failure { Failure(offset: position, reason: reason) }

  // MARK: - Tokens

  /// The next byte that is not white space, without taking it; `nil` at the end.
  mutating func peek() -> UInt8? {
    while position < end {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      case let byte: return byte
      }
    }
    return nil
  }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
    guard take(character) else { throw failure("'\(character)' is missing") }
  }

  mutating func expectEnd() throws(Failure) {
    guard peek() == nil else { throw failure("something follows the header's object") }
  }

  // MARK: - Values

  /// `{ "key": ..., ... }`; `body` reads the value that belongs to the key.
  mutating func object<E: Error>(
    _ mapFailure: (Failure) -> E, _ body: (inout HeaderScanner, String) throws(E) -> Void
  ) throws(E) {
    do throws(Failure) { try expect("{") } catch { throw mapFailure(error) }
    if take("}") { return }
    while true {
      let key: String
      do throws(Failure) {
        key = try string()
        try expect(":")
      } catch { throw mapFailure(error) }
      try body(&self, key)
      if take("}") { return }
      do throws(Failure) { try expect(",") } catch { throw mapFailure(error) }
    }
  }

  /// `[1, 2, ...]`, of at most `limit` numbers.
  mutating func numbers(limit: Int) throws(Failure) -> [UInt64] {
    try expect("[")
    var numbers: [UInt64] = []
    if take("]") { return numbers }
    while true {
      guard numbers.count < limit else { throw failure("a list has more than \(limit) numbers") }
      numbers.append(try number())
      if take("]") { return numbers }
      try expect(",")
    }
  }

  /// An unsigned whole number without sign, point, exponent or leading zero.
  mutating func number() throws(Failure) -> UInt64 {
    guard let first = peek(), isDigit(first) else { throw failure("a whole number is missing") }
    let start = position
    var value: UInt64 = 0
    while position < end, isDigit(bytes[position]) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(UInt64(bytes[position] - UInt8(ascii: "0")))
      if overflow || carry { throw failure("a number is too large") }
      value = sum
      position += 1
    }
    if first == UInt8(ascii: "0"), position > start + 1 { throw failure("a number starts with 0") }
    // What follows (a point, an exponent) is refused by whoever expects a comma there.
    return value
  }

  /// A quoted string with its escapes resolved.
  mutating func string() throws(Failure) -> String {
    guard take("\"") else { throw failure("a string is missing") }
    var text: [UInt8] = []
    while position < end {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw failure("invalid UTF-8") }
        return string
      case UInt8(ascii: "\\"):
        text.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20:
        throw failure("a control character in a string")
      default:
        text.append(byte)
      }
    }
    throw failure("a string has no end")
  }

  // MARK: - Escapes

  /// What follows a backslash.
  private mutating func escape() throws(Failure) -> Unicode.Scalar {
    guard position < end else { throw failure("a string has no end") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw failure("an unknown escape")
    }
  }

  /// Four hexadecimal digits, or twice four that make a surrogate pair.
  private mutating func unicodeEscape() throws(Failure) -> Unicode.Scalar {
    let first = try codeUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard UTF16.isLeadSurrogate(first), position + 2 <= end, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    else { throw failure("half a surrogate pair") }
    position += 2
    let second = try codeUnit()
    guard UTF16.isTrailSurrogate(second) else { throw failure("half a surrogate pair") }
    return UTF16.decode(UTF16.EncodedScalar([first, second]))
  }

  private mutating func codeUnit() throws(Failure) -> UInt16 {
    guard position + 4 <= end else { throw failure("an unknown escape") }
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = hexadecimalDigit(bytes[position]) else { throw failure("an unknown escape") }
      value = value << 4 | digit
      position += 1
    }
    return value
  }

  private func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  private func hexadecimalDigit(_ byte: UInt8) -> UInt16? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
