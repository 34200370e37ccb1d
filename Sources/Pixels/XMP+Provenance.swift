extension XMP {
  /// What is said of a picture; an output without a model has none of an earlier run's either.
  private static let names: Set = ["Program", "Model", "Scale"]

  /// Bytes of a prefix and of a value that are looked for in the packet: for longer ones that would take as much longer.
  private static let longest = 256

  /// The packet, or a new one, with these properties in Acuity's namespace, in the place of those that an earlier run has left.
  ///
  /// They stand in an element of their own at the end of the packet's RDF.
  /// - Returns: the packet, and whether it says them: not if it has no RDF in UTF-8, or would be longer than `limit`. An earlier
  ///   run's it has not in any case.
  package static func describing(
    _ properties: [(name: String, value: String)], in packet: [UInt8]?, limit: Int = .max
  ) -> (packet: [UInt8], isDescribed: Bool) {
    let former = packet.flatMap { $0.isEmpty ? nil : $0 } ?? empty
    guard let prefix = prefixOfRDF(in: former) else { return (former, false) }
    // All descriptions of a packet are about the same.
    let about = aboutOfDescription(prefix, in: former) ?? Array("\"\"".utf8)
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
      return (packet, false)
    }
    let attributes = properties.map { " acuity:\($0.name)=\"\(escaped($0.value))\"" }
    let text = start + Array(attributes.joined().utf8) + end
    let result = takingRoom(for: former.count, in: applying([Edit(range: tag..<tag, text: text)], to: packet))
    return result.count <= limit ? (result, true) : (packet, false)
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

  /// The value, in its quotes, of what the first description is about.
  private static func aboutOfDescription(_ prefix: String, in packet: [UInt8]) -> [UInt8]? {
    guard let tag = firstRange(of: Array("<\(prefix):Description".utf8), in: packet, from: 0)?.upperBound,
      let name = firstRange(of: Array("\(prefix):about".utf8), in: packet, from: tag)?.upperBound,
      let start = content(ofAttribute: name, in: packet),
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
    text.unicodeScalars.map { ["&": "&amp;", "<": "&lt;", "\"": "&quot;"][$0] ?? String($0) }.joined()
  }
}
