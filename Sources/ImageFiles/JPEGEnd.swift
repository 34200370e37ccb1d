/// Where the picture in a JPEG ends. No header tells; a file whose last bytes are that end is read no further.
struct JPEGEnd {
  /// Whether the picture ends within the file.
  let isReached: Bool
  /// Whether the file goes on behind it: phones append films, and editors what they like. Zeros that fill a block are nothing.
  let hasTrailingBytes: Bool

  private static let marker: [UInt8] = [0xff, 0xd9]
  private static let blockSize = 65_536

  init(_ markers: JPEGMarkers) {
    let bytes = markers.bytes
    let start = markers.segments.last?.data.upperBound ?? bytes.count
    let tail = bytes[max(start, bytes.count - 4096)..<bytes.count]
    let endsWithPicture = tail.reversed().drop { $0 == 0 }.starts(with: Self.marker.reversed())
    isReached = endsWithPicture || Self.isFound(in: bytes, from: start)
    hasTrailingBytes = isReached && !endsWithPicture
  }

  /// Within a scan no 0xff is followed by the marker's second byte.
  private static func isFound(in bytes: Content, from start: Int) -> Bool {
    for block in stride(from: start, to: bytes.count, by: blockSize) {
      // A byte more than a block, for a marker may begin with a block's last one.
      let part = bytes[block..<min(block + blockSize + 1, bytes.count)]
      if zip(part, part.dropFirst()).contains(where: { $0 == marker[0] && $1 == marker[1] }) { return true }
    }
    return false
  }
}
