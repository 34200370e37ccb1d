/// The resources that Photoshop and others keep in a JPEG's APP13 segments: each a signature, a number, a name and data, the
/// latter two padded to an even length. Only IPTC's captions and credits are understood and kept.
struct PhotoshopResources {
  /// IPTC-IIM data sets, as stored.
  private(set) var iptc: [UInt8]?
  /// Whether something is there that is not kept.
  private(set) var hasOthers = false

  static let identifier = "Photoshop 3.0\0"
  private static let signature = "8BIM"
  private static let iptcNumber = 0x0404
  /// A checksum of the IPTC, for programs that look whether XMP is newer.
  private static let digestNumber = 0x0425
  /// Writers cut what is longer than a segment wherever it may be; usual files have one, of some kilobytes.
  private static let segmentLimit = 256

  init(_ markers: JPEGMarkers) {
    let segments = markers.segments(0xed, identifier: Self.identifier)
    guard !segments.isEmpty else { return }
    let bytes = Content(segments.prefix(Self.segmentLimit).flatMap { markers.bytes[$0] })
    var reader = ByteReader(bytes)
    var end = 0
    while let signature = reader.range(4), bytes[signature].elementsEqual(Self.signature.utf8),
      let number = reader.bigEndian16(), let nameLength = reader.byte(),
      reader.range(Int(nameLength) | 1) != nil, let length = reader.bigEndian32(),
      let data = reader.range(length)
    {
      // The last one's padding is often left out.
      if length % 2 == 1 { _ = reader.byte() }
      end = reader.position
      switch number {
      case Self.iptcNumber where iptc == nil && (1...Self.longestIPTC).contains(length): iptc = bytes[data]
      case Self.digestNumber: break
      default: hasOthers = true
      }
    }
    if iptc == nil || end < bytes.count { hasOthers = true }
  }

  /// An APP13 segment's data with these data sets.
  static func segment(iptc: [UInt8]) -> [UInt8] {
    var result = Array((identifier + signature).utf8)
    result.appendBigEndian16(iptcNumber)
    result += [0, 0]
    result.appendBigEndian32(iptc.count)
    return result + iptc + [UInt8](repeating: 0, count: iptc.count % 2)
  }

  /// Bytes of IPTC that fit into a segment.
  static let longestIPTC = JPEGMetadata.segmentLimit - segment(iptc: []).count - 1
}
