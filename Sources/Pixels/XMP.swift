/// Edits of single numbers in an XMP packet, whose properties stand either as attributes (`tiff:Orientation="6"`)
/// or as elements (`<tiff:Orientation>6</tiff:Orientation>`). Everything else keeps its bytes.
package enum XMP {
  /// The packet with every occurrence of each named property's whole number replaced; absent ones stay absent.
  package static func setting(_ values: [String: Int], in packet: [UInt8]) -> [UInt8] {
    var result = packet
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      result = setting(name, to: value, in: result)
    }
    return result
  }

  /// The packet without a property that holds plain text, as an attribute or as an element.
  package static func removing(_ name: String, from packet: [UInt8]) -> [UInt8] {
    let pattern = Array(name.utf8)
    var result = packet
    var position = 0
    while let found = firstRange(of: pattern, in: result, from: position) {
      position = found.upperBound
      guard let property = property(found, in: result) else { continue }
      result.removeSubrange(property)
      position = property.lowerBound
    }
    return result
  }

  /// The whole of the property whose name stands at `name`; nil where it is no attribute and no element's beginning.
  private static func property(_ name: Range<Int>, in packet: [UInt8]) -> Range<Int>? {
    let before = packet[..<name.lowerBound]
    let spaces = before.reversed().prefix { [0x20, 0x09, 0x0a, 0x0d].contains($0) }.count
    if spaces == 0 {
      guard before.last == UInt8(ascii: "<") else { return nil }
      let closing = [UInt8(ascii: "<"), UInt8(ascii: "/")] + packet[name] + [UInt8(ascii: ">")]
      return firstRange(of: closing, in: packet, from: name.upperBound).map {
        name.lowerBound - 1..<$0.upperBound
      }
    }
    let rest = packet[name.upperBound...].drop { [0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: "=")].contains($0) }
    guard let quote = rest.first, "\"'".utf8.contains(quote),
      let end = packet[(rest.startIndex + 1)...].firstIndex(of: quote)
    else { return nil }
    return name.lowerBound - spaces..<end + 1
  }

  private static func setting(_ name: String, to value: Int, in packet: [UInt8]) -> [UInt8] {
    let name = Array(name.utf8)
    var result: [UInt8] = []
    var copied = 0
    var position = 0
    while let found = firstRange(of: name, in: packet, from: position) {
      position = found.upperBound
      let closesElement = found.lowerBound > 0 && packet[found.lowerBound - 1] == UInt8(ascii: "/")
      guard !closesElement, let digits = number(after: found.upperBound, in: packet) else { continue }
      result += packet[copied..<digits.lowerBound]
      result += Array(String(value).utf8)
      copied = digits.upperBound
      position = digits.upperBound
    }
    return copied == 0 ? packet : result + packet[copied...]
  }

  /// Where the digits stand after `="`, `='` or `>`.
  private static func number(after start: Int, in packet: [UInt8]) -> Range<Int>? {
    var position = start
    func skipSpace() {
      while position < packet.count, [0x20, 0x09, 0x0a, 0x0d].contains(packet[position]) { position += 1 }
    }
    func take(_ characters: String) -> Bool {
      guard position < packet.count, characters.utf8.contains(packet[position]) else { return false }
      position += 1
      return true
    }
    skipSpace()
    if take("=") {
      skipSpace()
      guard take("\"'") else { return nil }
    } else if !take(">") {
      return nil
    }
    skipSpace()
    let first = position
    while position < packet.count, (0x30...0x39).contains(packet[position]) { position += 1 }
    return position > first ? first..<position : nil
  }

  package static func firstRange(of pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Range<Int>? {
    guard let first = pattern.first, bytes.count >= pattern.count else { return nil }
    var position = start
    while position <= bytes.count - pattern.count {
      if bytes[position] == first, bytes[position..<position + pattern.count].elementsEqual(pattern) {
        return position..<position + pattern.count
      }
      position += 1
    }
    return nil
  }
}
