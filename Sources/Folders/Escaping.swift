/// `bytes` as text that is safe on a terminal and in a log, and from which the bytes can be had back:
/// control characters (C0, DEL, C1), invisible marks and direction overrides become `\u{..}`, a backslash
/// becomes `\\`, and bytes that are not UTF-8 become `\xNN`.
///
/// - Complexity: O(bytes).
package func escaped(_ bytes: some Collection<UInt8>) -> String {
  var text = String.UnicodeScalarView()
  var decoder = Unicode.UTF8.ForwardParser()
  var rest = Array(bytes)[...]
  while !rest.isEmpty {
    var input = rest.makeIterator()
    switch decoder.parseScalar(from: &input) {
    case .valid(let encoded):
      append(Unicode.UTF8.decode(encoded), to: &text)
      rest = rest.dropFirst(encoded.count)
    case .error, .emptyInput:
      text.append(contentsOf: "\\x\(hexadecimal(UInt32(rest[rest.startIndex]), digits: 2))".unicodeScalars)
      rest = rest.dropFirst()
    }
    // The parser keeps bytes it has looked ahead at; a fresh one starts exactly where we say.
    decoder = Unicode.UTF8.ForwardParser()
  }
  return String(text)
}

/// The bytes that `escaped` was made from; `nil` if it has an escape of another form than those of ``escaped(_:)``.
package func unescaped(_ text: String) -> [UInt8]? {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    guard byte == UInt8(ascii: "\\") else {
      bytes.append(byte)
      continue
    }
    switch rest.popFirst() {
    case UInt8(ascii: "\\"):
      bytes.append(byte)
    case UInt8(ascii: "x"):
      guard rest.count >= 2, let value = number(rest.prefix(2)) else { return nil }
      bytes.append(UInt8(value))
      rest = rest.dropFirst(2)
    case UInt8(ascii: "u"):
      guard rest.popFirst() == UInt8(ascii: "{"), let end = rest.firstIndex(of: UInt8(ascii: "}")),
        let scalar = number(rest[..<end]).flatMap(Unicode.Scalar.init)
      else { return nil }
      bytes += Array(String(Character(scalar)).utf8)
      rest = rest[(end + 1)...]
    default:
      return nil
    }
  }
  return bytes
}

private func append(_ scalar: Unicode.Scalar, to text: inout String.UnicodeScalarView) {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
    text.append(contentsOf: "\\u{\(hexadecimal(scalar.value, digits: 2))}".unicodeScalars)
  default:
    if scalar == "\\" { text.append("\\") }
    text.append(scalar)
  }
}

/// Lower-case, at least `digits` long.
func hexadecimal(_ value: some BinaryInteger, digits: Int) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}

private func number(_ digits: ArraySlice<UInt8>) -> UInt32? {
  let text = String(decoding: digits, as: UTF8.self)
  // The standard library would also take a sign.
  return text.allSatisfy(\.isHexDigit) ? UInt32(text, radix: 16) : nil
}
