/// Edits of single numbers in an XMP packet, whose properties stand either as attributes (`tiff:Orientation="6"`)
/// or as elements (`<tiff:Orientation>6</tiff:Orientation>`), under the usual prefix of their namespace or one that the packet
/// binds to it. Everything else keeps its bytes.
package enum XMP {
  /// The namespaces of the properties that are looked at, by their usual prefixes.
  private static let namespaces = [
    "tiff": "http://ns.adobe.com/tiff/1.0/", "exif": "http://ns.adobe.com/exif/1.0/",
    "xmpNote": "http://ns.adobe.com/xmp/note/", "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
  ]

  /// The packet with every occurrence of each named property's whole number replaced; absent ones stay absent.
  package static func setting(_ values: [String: Int], in packet: [UInt8]) -> [UInt8] {
    var result = packet
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      for name in spellings(of: name, in: packet) { result = setting(name, to: value, in: result) }
    }
    return result
  }

  /// The property's whole number, where it first stands; nil if it is absent or something else.
  package static func number(_ name: String, in packet: [UInt8]) -> Int? {
    for name in spellings(of: name, in: packet) {
      if let digits = numbers(of: name, in: packet).first {
        return Int(String(decoding: packet[digits], as: UTF8.self))
      }
    }
    return nil
  }

  /// The packet without a property that holds plain text, as an attribute or as an element.
  package static func removing(_ name: String, from packet: [UInt8]) -> [UInt8] {
    var result = packet
    for pattern in spellings(of: name, in: packet) {
      var position = 0
      while let found = firstRange(of: pattern, in: result, from: position) {
        position = found.upperBound
        guard let property = property(found, in: result) else { continue }
        result.removeSubrange(property)
        position = property.lowerBound
      }
    }
    return result
  }

  /// The name as it is usually written, and with every other prefix that the packet binds to the same namespace.
  private static func spellings(of name: String, in packet: [UInt8]) -> [[UInt8]] {
    let parts = name.split(separator: ":")
    guard parts.count == 2, let namespace = namespaces[String(parts[0])].map({ Array($0.utf8) }) else {
      return [Array(name.utf8)]
    }
    var prefixes: [[UInt8]] = [Array(parts[0].utf8)]
    var position = 0
    while let found = firstRange(of: namespace, in: packet, from: position) {
      position = found.upperBound
      // xmlns:PREFIX="NAMESPACE", read backwards from the quote.
      let before = packet[..<found.lowerBound].dropLast().reversed().drop { spaces.contains($0) }
      guard before.first == UInt8(ascii: "=") else { continue }
      let prefix = before.dropFirst().drop { spaces.contains($0) }
        .prefix { $0 != UInt8(ascii: ":") && !spaces.contains($0) }.reversed()
      let known = Array(prefix)
      if !known.isEmpty, !prefixes.contains(known) { prefixes.append(known) }
    }
    return prefixes.map { $0 + Array((":" + parts[1]).utf8) }
  }

  private static let spaces: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]

  /// The whole of the property whose name stands at `name`; nil where it is no attribute and no element's beginning.
  private static func property(_ name: Range<Int>, in packet: [UInt8]) -> Range<Int>? {
    let before = packet[..<name.lowerBound]
    let gap = before.reversed().prefix { spaces.contains($0) }.count
    if gap == 0 {
      guard before.last == UInt8(ascii: "<") else { return nil }
      let closing = [UInt8(ascii: "<"), UInt8(ascii: "/")] + packet[name] + [UInt8(ascii: ">")]
      return firstRange(of: closing, in: packet, from: name.upperBound).map {
        name.lowerBound - 1..<$0.upperBound
      }
    }
    let rest = packet[name.upperBound...].drop { spaces.contains($0) || $0 == UInt8(ascii: "=") }
    guard let quote = rest.first, "\"'".utf8.contains(quote),
      let end = packet[(rest.startIndex + 1)...].firstIndex(of: quote)
    else { return nil }
    return name.lowerBound - gap..<end + 1
  }

  private static func setting(_ name: [UInt8], to value: Int, in packet: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var copied = 0
    for digits in numbers(of: name, in: packet) {
      result += packet[copied..<digits.lowerBound]
      result += Array(String(value).utf8)
      copied = digits.upperBound
    }
    return copied == 0 ? packet : result + packet[copied...]
  }

  /// Where the whole numbers of the property stand.
  private static func numbers(of name: [UInt8], in packet: [UInt8]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var position = 0
    while let found = firstRange(of: name, in: packet, from: position) {
      position = found.upperBound
      let before = found.lowerBound > 0 ? packet[found.lowerBound - 1] : UInt8(ascii: " ")
      let isElement = before == UInt8(ascii: "<")
      guard isElement || spaces.contains(before) else { continue }
      if let digits = number(after: found.upperBound, isElement: isElement, in: packet) {
        result.append(digits)
        position = digits.upperBound
      }
    }
    return result
  }

  /// Where the digits stand after `="` or `='` of an attribute, or after the `>` of an element, which may have attributes.
  private static func number(after start: Int, isElement: Bool, in packet: [UInt8]) -> Range<Int>? {
    var position = start
    func skipSpace() {
      while position < packet.count, spaces.contains(packet[position]) { position += 1 }
    }
    func take(_ characters: String) -> Bool {
      guard position < packet.count, characters.utf8.contains(packet[position]) else { return false }
      position += 1
      return true
    }
    if isElement {
      // Another name may begin alike.
      guard position < packet.count,
        spaces.contains(packet[position]) || packet[position] == UInt8(ascii: ">"),
        let end = packet[position...].firstIndex(of: UInt8(ascii: ">")), packet[end - 1] != UInt8(ascii: "/")
      else { return nil }
      position = end + 1
    } else {
      skipSpace()
      guard take("=") else { return nil }
      skipSpace()
      guard take("\"'") else { return nil }
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
