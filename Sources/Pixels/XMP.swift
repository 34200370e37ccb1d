/// Edits of single numbers in an XMP packet, whose properties stand either as attributes (`tiff:Orientation="6"`)
/// or as elements (`<tiff:Orientation>6</tiff:Orientation>`), under the usual prefix of their namespace or one that the packet
/// binds to it. Everything else keeps its bytes, but for white space behind it that is there for edits.
///
/// The packet is untrusted: whatever it holds, each function takes time in proportion to its length.
package enum XMP {
  /// The namespaces of the properties that are looked at, by their usual prefixes.
  private static let namespaces = [
    "tiff": "http://ns.adobe.com/tiff/1.0/", "exif": "http://ns.adobe.com/exif/1.0/",
    "xmpNote": "http://ns.adobe.com/xmp/note/", "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
    "GCamera": "http://ns.google.com/photos/1.0/camera/",
    "GPano": "http://ns.google.com/photos/1.0/panorama/",
    "acuity": acuityNamespace,
  ]

  /// Of what Acuity says of its own doing.
  static let acuityNamespace = "urn:acuity:xmp:1.0/"

  /// The packet with every occurrence of each named property's whole number replaced; absent ones stay absent. It becomes
  /// longer only if it has no white space for edits.
  package static func setting(_ values: [String: Int], in packet: [UInt8]) -> [UInt8] {
    let edits = values.flatMap { name, value in
      numbers(of: name, in: packet).map { Edit(range: $0, text: Array(String(value).utf8)) }
    }
    return edits.isEmpty ? packet : takingRoom(for: packet.count, in: applying(edits, to: packet))
  }

  /// The property's whole number, where it first stands; nil if it is absent or something else.
  package static func number(_ name: String, in packet: [UInt8]) -> Int? {
    numbers(of: name, in: packet).first.flatMap { Int(String(decoding: packet[$0], as: UTF8.self)) }
  }

  /// The text of a property that holds nothing else, where it first stands, without white space around it; nil if it is absent.
  package static func text(_ name: String, in packet: [UInt8]) -> [UInt8]? {
    guard let name = names(of: name, in: packet).first, let start = content(of: name, in: packet) else {
      return nil
    }
    let end = isElement(name, in: packet) ? UInt8(ascii: "<") : packet[start - 1]
    let text = packet[start...].prefix { $0 != end }.drop(while: isSpace)
    return Array(text.dropLast(text.reversed().prefix(while: isSpace).count))
  }

  /// The packet without a property that holds plain text, as an attribute or as an element.
  package static func removing(_ name: String, from packet: [UInt8]) -> [UInt8] {
    let properties = names(of: name, in: packet).compactMap { property($0, in: packet) }
    return applying(properties.map { Edit(range: $0) }, to: packet)
  }
}

// MARK: - Edits

extension XMP {
  struct Edit {
    var range: Range<Int>
    var text: [UInt8] = []
  }

  /// Applies edits; one within the range of another goes with it.
  static func applying(_ edits: [Edit], to packet: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var copied = 0
    for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound })
    where edit.range.lowerBound >= copied {
      result += packet[copied..<edit.range.lowerBound]
      result += edit.text
      copied = edit.range.upperBound
    }
    return result + packet[copied...]
  }

  /// Cuts the white space at the packet's end, which writers leave for edits in place (XMP part 1, 7.3.2), so that the
  /// packet has its former length again, as far as there is such space. A JPEG's segment may have no byte to spare.
  static func takingRoom(for length: Int, in packet: [UInt8]) -> [UInt8] {
    guard packet.count > length,
      let trailer = firstRange(of: Array("<?xpacket end".utf8), in: packet, from: 0)?.lowerBound
    else { return packet }
    let padding = packet[..<trailer].reversed().prefix(packet.count - length).prefix(while: isSpace).count
    return Array(packet[..<(trailer - padding)] + packet[trailer...])
  }
}

// MARK: - Where things stand

extension XMP {
  /// Where the property's name stands, under any of its prefixes, as an attribute or at the beginning of an element.
  private static func names(of property: String, in packet: [UInt8]) -> [Range<Int>] {
    let parts = property.split(separator: ":")
    guard parts.count == 2, let namespace = namespaces[String(parts[0])] else {
      preconditionFailure("\(property) is in none of the namespaces that are known here")
    }
    var prefixes = prefixes(of: Array(namespace.utf8), in: packet)
    // Others use a prefix for its usual namespace without binding it; ours may well be somebody else's.
    if namespace != acuityNamespace { prefixes.insert(Array(parts[0].utf8)) }
    let ending = Array((":" + parts[1]).utf8)
    var result: [Range<Int>] = []
    var position = 0
    while let found = firstRange(of: ending, in: packet, from: position) {
      position = found.upperBound
      let start = prefixStart(before: found.lowerBound, in: packet)
      guard start > 0, isSpace(packet[start - 1]) || packet[start - 1] == UInt8(ascii: "<"),
        prefixes.contains(Array(packet[start..<found.lowerBound]))
      else { continue }
      result.append(start..<found.upperBound)
    }
    return result
  }

  /// The prefixes that the packet binds to a namespace: `xmlns:PREFIX="NAMESPACE"`, read backwards from the quote.
  private static func prefixes(of namespace: [UInt8], in packet: [UInt8]) -> Set<[UInt8]> {
    var result: Set<[UInt8]> = []
    var position = 0
    while let found = firstRange(of: namespace, in: packet, from: position) {
      position = found.upperBound
      let before = packet[..<found.lowerBound].dropLast().reversed().drop(while: isSpace)
      guard before.first == UInt8(ascii: "=") else { continue }
      let end = before.dropFirst().drop(while: isSpace).startIndex.base
      let prefix = packet[prefixStart(before: end, in: packet)..<end]
      if !prefix.isEmpty { result.insert(Array(prefix)) }
    }
    return result
  }

  /// Where the prefix or name that ends at `end` begins.
  private static func prefixStart(before end: Int, in packet: [UInt8]) -> Int {
    var start = end
    while start > 0, !isSpace(packet[start - 1]), packet[start - 1] != UInt8(ascii: ":"),
      packet[start - 1] != UInt8(ascii: "<")
    { start -= 1 }
    return start
  }

  /// The whole of the property whose name stands at `name`; nil where it is none that holds plain text.
  private static func property(_ name: Range<Int>, in packet: [UInt8]) -> Range<Int>? {
    let gap = packet[..<name.lowerBound].reversed().prefix(while: isSpace).count
    if gap == 0 {
      guard let content = content(ofElement: name.upperBound, in: packet),
        let end = packet[content...].firstIndex(of: UInt8(ascii: "<"))
      else { return nil }
      let closing = Array("</".utf8) + packet[name] + [UInt8(ascii: ">")]
      return packet[end...].starts(with: closing) ? name.lowerBound - 1..<end + closing.count : nil
    }
    let rest = packet[name.upperBound...].drop { isSpace($0) || $0 == UInt8(ascii: "=") }
    guard let quote = rest.first, "\"'".utf8.contains(quote),
      let end = rest.dropFirst().firstIndex(of: quote)
    else { return nil }
    return name.lowerBound - gap..<end + 1
  }

  /// Where the property's whole numbers stand.
  private static func numbers(of property: String, in packet: [UInt8]) -> [Range<Int>] {
    names(of: property, in: packet).compactMap { name in
      guard let content = content(of: name, in: packet) else { return nil }
      let digits = packet[content...].drop(while: isSpace).prefix { (0x30...0x39).contains($0) }
      return digits.isEmpty ? nil : digits.startIndex..<digits.endIndex
    }
  }

  private static func isElement(_ name: Range<Int>, in packet: [UInt8]) -> Bool {
    packet[name.lowerBound - 1] == UInt8(ascii: "<")
  }

  /// Where the value of the property begins whose name stands at `name`.
  private static func content(of name: Range<Int>, in packet: [UInt8]) -> Int? {
    isElement(name, in: packet)
      ? content(ofElement: name.upperBound, in: packet) : content(ofAttribute: name.upperBound, in: packet)
  }

  /// Where the content of an element begins whose name ends at `position`: behind the tag, which may have attributes. Nil
  /// for one without content, or if the name goes on.
  private static func content(ofElement position: Int, in packet: [UInt8]) -> Int? {
    guard position < packet.count, isSpace(packet[position]) || packet[position] == UInt8(ascii: ">"),
      // No tag holds another's beginning.
      let end = packet[position...].firstIndex(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") }),
      packet[end] == UInt8(ascii: ">"), packet[end - 1] != UInt8(ascii: "/")
    else { return nil }
    return end + 1
  }

  /// Where the value of an attribute begins whose name ends at `position`: behind `="` or `='`.
  static func content(ofAttribute position: Int, in packet: [UInt8]) -> Int? {
    let sign = packet[position...].drop(while: isSpace)
    guard sign.first == UInt8(ascii: "=") else { return nil }
    let quote = sign.dropFirst().drop(while: isSpace)
    return quote.first.map { "\"'".utf8.contains($0) } == true ? quote.startIndex + 1 : nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x09, 0x0a, 0x0d: true
    default: false
    }
  }

  static func firstRange(of pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Range<Int>? {
    var position = start
    while position <= bytes.count - pattern.count {
      if pattern.indices.allSatisfy({ bytes[position + $0] == pattern[$0] }) {
        return position..<position + pattern.count
      }
      position += 1
    }
    return nil
  }
}
