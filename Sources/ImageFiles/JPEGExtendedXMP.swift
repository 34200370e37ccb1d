import Pixels

/// What of a JPEG's XMP does not fit into its one segment: a packet of its own in further segments, each with the packet's
/// name, whole length and offset, and named by the first packet (XMP part 3, 1.1.3.1). No other format has such.
enum JPEGExtendedXMP {
  /// The property of the first packet that holds the name: 32 hexadecimal digits, by which a reader tells the segments from
  /// those that an editor has forgotten.
  private static let property = "xmpNote:HasExtendedXMP"
  static let identifier = "http://ns.adobe.com/xmp/extension/\0"
  private static let nameLength = 32
  /// Depth maps and further pictures in it have a few megabytes.
  private static let limit = 16 << 20

  static func isPresent(_ markers: JPEGMarkers) -> Bool {
    !markers.segments(0xe1, identifier: identifier).isEmpty
  }

  /// The packet that `xmp` names, put together from its segments in whatever order they stand. With holes, overlaps or
  /// repetitions it is none.
  static func read(_ markers: JPEGMarkers, of xmp: [UInt8]) -> [UInt8]? {
    guard let name = XMP.text(property, in: xmp) else { return nil }
    let bytes = markers.bytes
    var total: Int?
    var parts: [(offset: Int, data: Range<Int>)] = []
    for segment in markers.segments(0xe1, identifier: identifier) {
      var reader = ByteReader(bytes, from: segment.lowerBound, to: segment.upperBound)
      guard let found = reader.range(nameLength), let length = reader.bigEndian32(),
        let offset = reader.bigEndian32(), reader.remaining > 0
      else { return nil }
      guard bytes[found] == name else { continue }
      guard total ?? length == length, length <= limit else { return nil }
      total = length
      parts.append((offset, reader.position..<reader.end))
    }
    guard let total else { return nil }
    var result: [UInt8] = []
    for part in parts.sorted(by: { $0.offset < $1.offset }) {
      guard part.offset == result.count, part.data.count <= total - part.offset else { return nil }
      result += bytes[part.data]
    }
    return result.count == total ? result : nil
  }

  /// The data of the segments for metadata that is not refused.
  static func segments(for metadata: Metadata, longest: Int) -> [[UInt8]] {
    guard let packet = metadata.extendedXMP, let name = metadata.xmp.flatMap({ XMP.text(property, in: $0) })
    else { return [] }
    var header = Array(identifier.utf8) + name
    header.appendBigEndian32(packet.count)
    let part = longest - header.count - 4
    return stride(from: 0, to: packet.count, by: part).map { offset in
      var segment = header
      segment.appendBigEndian32(offset)
      return segment + packet[offset..<min(offset + part, packet.count)]
    }
  }

  /// Why it could not be written so that it is found again; nil when it can.
  static func problem(_ metadata: Metadata) -> String? {
    guard let packet = metadata.extendedXMP else { return nil }
    guard (1...limit).contains(packet.count) else {
      return "the extension of its XMP has \(packet.count) bytes, not 1 to \(limit)"
    }
    let name = metadata.xmp.flatMap { XMP.text(property, in: $0) }
    return name?.count == nameLength ? nil : "its XMP packet does not name the extension (\(property))"
  }

  /// Leaves the extension out, and then nothing may point to it.
  static func remove(from metadata: inout Metadata) {
    metadata.extendedXMP = nil
    metadata.xmp = metadata.xmp.map { XMP.removing(property, from: $0) }
  }
}

extension Metadata {
  /// For formats whose one packet of XMP may be of any length.
  var withoutExtendedXMP: Metadata {
    var result = self
    if extendedXMP != nil { JPEGExtendedXMP.remove(from: &result) }
    return result
  }
}
