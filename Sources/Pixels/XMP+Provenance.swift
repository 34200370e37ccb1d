extension XMP {
  /// What is said of a picture; an output without a model has none of an earlier run's either.
  private static let names: Set = ["Program", "Model", "Scale"]

  /// Bytes of a prefix and of a value that are looked for in the packet: for longer ones that would take as much longer.
  private static let longest = 256

  /// The packet, or a new one, with these properties in Acuity's namespace, in the place of those that an earlier run has left.
  ///
  /// They stand in an element of their own at the end of the packet's RDF. A packet that has no RDF in UTF-8 stays as it is; so
  /// does one that a JPEG's segment would not hold any more.
  package static func describing(
    _ properties: [(name: String, value: String)], in packet: [UInt8]?
  ) -> [UInt8] {
    let former = packet ?? empty
    guard let prefix = prefixOfRDF(in: former) else { return former }
    // All descriptions of a packet are about the same.
    let about = attribute(prefix + ":about", in: former) ?? Array("\"\"".utf8)
    let start =
      Array("<\(prefix):Description \(prefix):about=".utf8) + about
      + Array(" xmlns:acuity=\"\(acuityNamespace)\"".utf8)
    let end = Array("/>".utf8)

    // As an earlier run has written them, or as another program has moved them since.
    var packet = names.union(properties.map(\.name)).sorted().reduce(former) {
      removing("acuity:" + $1, from: $0)
    }
    if let emptied = firstRange(of: start + end, in: packet, from: 0) { packet.removeSubrange(emptied) }
    guard let tag = lastRange(of: Array("</\(prefix):RDF>".utf8), in: packet)?.lowerBound else {
      return former
    }
    let attributes = properties.map { " acuity:\($0.name)=\"\(escaped($0.value))\"" }
    let text = start + Array(attributes.joined().utf8) + end
    let result = takingRoom(for: former.count, in: applying([Edit(range: tag..<tag, text: text)], to: packet))
    return result.count > segmentLimit && former.count <= segmentLimit ? former : result
  }

  private static var empty: [UInt8] {
    Array(
      """
      <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF \
      xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta><?xpacket end="w"?>
      """.utf8)
  }

  /// The prefix of the element that ends last of those named RDF, usually `rdf`.
  private static func prefixOfRDF(in packet: [UInt8]) -> String? {
    guard let name = lastRange(of: Array(":RDF>".utf8), in: packet)?.lowerBound,
      let tag = packet[..<name].lastIndex(of: UInt8(ascii: "<")), packet[tag...].starts(with: "</".utf8),
      name - tag <= longest
    else { return nil }
    return String(decoding: packet[(tag + 2)..<name], as: UTF8.self)
  }

  /// The value of an attribute where its name first stands, in its quotes.
  private static func attribute(_ name: String, in packet: [UInt8]) -> [UInt8]? {
    guard let found = firstRange(of: Array(name.utf8), in: packet, from: 0),
      let start = content(ofAttribute: found.upperBound, in: packet),
      let end = packet[start...].firstIndex(of: packet[start - 1]), end - start <= longest
    else { return nil }
    return Array(packet[start - 1...end])
  }

  private static func lastRange(of pattern: [UInt8], in bytes: [UInt8]) -> Range<Int>? {
    var last: Range<Int>?
    while let found = firstRange(of: pattern, in: bytes, from: last?.upperBound ?? 0) { last = found }
    return last
  }

  private static func escaped(_ text: String) -> String {
    text.map { ["&": "&amp;", "<": "&lt;", "\"": "&quot;"][$0] ?? String($0) }.joined()
  }
}
