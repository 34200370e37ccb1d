import Pixels

/// The segments beside the pixels: JFIF's density, EXIF and XMP with its extension in APP1, the ICC profile in APP2, IPTC in
/// APP13.
enum JPEGMetadata {
  static let xmpIdentifier = "http://ns.adobe.com/xap/1.0/\0"
  private static let profileIdentifier = "ICC_PROFILE\0"
  /// A segment's length field counts itself.
  static let segmentLimit = 65_535 - 2

  static func read(_ markers: JPEGMarkers, _ resources: PhotoshopResources) -> Metadata {
    func first(_ code: UInt8, _ identifier: String) -> [UInt8]? {
      markers.segments(code, identifier: identifier).first.map { markers.bytes[$0] }
    }
    let xmp = first(0xe1, xmpIdentifier)
    return Metadata(
      iccProfile: profile(markers), exif: exifSegment(markers).map { markers.bytes[$0] }, xmp: xmp,
      extendedXMP: xmp.flatMap { JPEGExtendedXMP.read(markers, of: $0) },
      iptc: resources.iptc, resolution: resolution(markers))
  }

  static func hasProfile(_ markers: JPEGMarkers) -> Bool {
    !markers.segments(0xe2, identifier: profileIdentifier).isEmpty
  }

  /// What is not kept of the segments, in a few words each.
  static func leftOut(_ markers: JPEGMarkers, _ resources: PhotoshopResources) -> [String] {
    var result: [String] = []
    let exif = exifSegment(markers)
    if exifSegments(markers).contains(where: { $0 != exif && !$0.isEmpty }) {
      result.append("EXIF in another segment")
    }
    if markers.segments(0xe1, identifier: xmpIdentifier).count > 1 { result.append("XMP in another segment") }
    if resources.hasOthers { result.append("its Photoshop resources") }
    let hasCredentials = hasContentCredentials(markers)
    for segment in markers.segments where !segment.data.isEmpty {
      if let content = notKept(segment, of: markers, hasCredentials), !result.contains(content) {
        result.append(content)
      }
    }
    return result
  }

  /// What a segment holds; nil for what is kept, or looked at elsewhere, and for what says no more than how the file is coded.
  private static func notKept(
    _ segment: JPEGMarkers.Segment, of markers: JPEGMarkers, _ hasCredentials: Bool
  ) -> String? {
    func begins(with identifiers: String...) -> Bool {
      identifiers.contains { markers.data(of: segment, after: $0) != nil }
    }
    return switch segment.code {
    case 0xe0 where begins(with: "JFIF\0", "JFXX\0", "AVI1"): nil
    case 0xe1 where begins(with: Exif.identifier, xmpIdentifier, JPEGExtendedXMP.identifier): nil
    case 0xe1 where begins(with: "FLIR\0"): "its thermal data (FLIR)"
    case 0xe2 where begins(with: profileIdentifier): nil
    // CIPA DC-007: stereo pairs, panoramas and large previews behind the first picture.
    case 0xe2 where begins(with: "MPF\0"): "its further pictures (MPF)"
    case 0xe2 where begins(with: "urn:iso:std:iso:ts:21496:-1\0"): StoredPicture.gainMap
    case 0xeb where hasCredentials && begins(with: "JP"): StoredPicture.contentCredentials
    case 0xeb where begins(with: "HDR_RI"): "its high dynamic range (JPEG-HDR)"
    // Photoshop's quality; behind it there may be a comment and a copyright notice.
    case 0xec where begins(with: "Ducky\0\u{1}\0\u{4}") && segment.data.count <= 15: nil
    case 0xed where begins(with: PhotoshopResources.identifier): nil
    case 0xee where begins(with: "Adobe"): nil
    case 0xe0...0xef: "its data in APP\(segment.code & 0xf)"
    case 0xfe: "its comment"
    default: nil
    }
  }

  /// Whether there is a JUMBF superbox (ISO/IEC 19566-5) of C2PA's kind. Before its length stand the numbers of the box and of
  /// the segment in it.
  private static func hasContentCredentials(_ markers: JPEGMarkers) -> Bool {
    markers.segments(0xeb, identifier: "JP").contains {
      markers.bytes.has("jumb", at: $0.lowerBound + 10)
        && markers.bytes.has("jumdc2pa", at: $0.lowerBound + 18)
    }
  }

  /// The segments for `metadata`, each as marker code, length of the data, data. Only for metadata that is not
  /// refused.
  static func markers(for metadata: Metadata) -> [UInt8] {
    var result: [UInt8] = []
    func append(_ code: UInt8, _ data: [UInt8]) {
      result.append(code)
      result.appendBigEndian16(data.count)
      result += data
    }
    if let exif = metadata.exif { append(0xe1, Exif.prefix + exif) }
    if let xmp = metadata.xmp { append(0xe1, Array(xmpIdentifier.utf8) + xmp) }
    for segment in JPEGExtendedXMP.segments(for: metadata, longest: segmentLimit) { append(0xe1, segment) }
    if let iptc = metadata.iptc { append(0xed, PhotoshopResources.segment(iptc: iptc)) }
    if let profile = metadata.iccProfile {
      let part = segmentLimit - profileIdentifier.utf8.count - 2
      let count = max(1, (profile.count + part - 1) / part)
      for index in 0..<count {
        let piece = profile[index * part..<min((index + 1) * part, profile.count)]
        append(0xe2, Array(profileIdentifier.utf8) + [UInt8(index + 1), UInt8(count)] + piece)
      }
    }
    return result
  }

  static func refusal(_ metadata: Metadata) -> (problem: String, advice: String)? {
    let advice = "write PNG or leave the metadata out"
    if let exif = metadata.exif, exif.count > segmentLimit - Exif.prefix.count {
      return ("its EXIF block of \(exif.count) bytes is longer than a segment", advice)
    }
    if let xmp = metadata.xmp, xmp.count > XMP.segmentLimit {
      return ("its XMP packet of \(xmp.count) bytes is longer than a segment", advice)
    }
    if let iptc = metadata.iptc, iptc.count > PhotoshopResources.longestIPTC {
      return ("its IPTC of \(iptc.count) bytes is longer than a segment", advice)
    }
    if let problem = JPEGExtendedXMP.problem(metadata) { return (problem, advice) }
    let part = segmentLimit - profileIdentifier.utf8.count - 2
    if let profile = metadata.iccProfile, profile.count > 255 * part {
      return ("its colour profile of \(profile.count) bytes is longer than 255 segments", advice)
    }
    return nil
  }
}

// MARK: - EXIF

extension JPEGMetadata {
  /// The blocks of its segments.
  private static func exifSegments(_ markers: JPEGMarkers) -> [Range<Int>] {
    markers.segments(0xe1, identifier: Exif.identifier).map {
      min($0.lowerBound + 1, $0.upperBound)..<$0.upperBound
    }
  }

  /// The first that can be read, or the first. What goes on in further ones is a way of few writers.
  private static func exifSegment(_ markers: JPEGMarkers) -> Range<Int>? {
    let segments = exifSegments(markers)
    return segments.first { Exif(markers.bytes[$0]) != nil } ?? segments.first
  }
}

// MARK: - Colour profile

extension JPEGMetadata {
  /// The profile put together from its numbered segments, in whatever order they stand (ICC.1:2010, B.4).
  /// Segments that contradict each other are no profile.
  private static func profile(_ markers: JPEGMarkers) -> [UInt8]? {
    var parts: [Int: Range<Int>] = [:]
    var total: Int?
    for segment in markers.segments(0xe2, identifier: profileIdentifier) {
      guard segment.count >= 2 else { return nil }
      let number = Int(markers.bytes[segment.lowerBound])
      let count = Int(markers.bytes[segment.lowerBound + 1])
      guard number >= 1, number <= count, total ?? count == count, parts[number] == nil else { return nil }
      total = count
      parts[number] = segment.lowerBound + 2..<segment.upperBound
    }
    guard let total, parts.count == total else { return nil }
    var result: [UInt8] = []
    for number in 1...total {
      if let part = parts[number] { result += markers.bytes[part] }
    }
    return result.isEmpty ? nil : result
  }
}

// MARK: - Resolution

extension JPEGMetadata {
  /// JFIF's density; 1:1 without a unit says nothing.
  private static func resolution(_ markers: JPEGMarkers) -> Metadata.Resolution? {
    guard let segment = markers.segments(0xe0, identifier: "JFIF\0").first else { return nil }
    var reader = ByteReader(markers.bytes, from: segment.lowerBound, to: segment.upperBound)
    guard reader.bigEndian16() != nil, let unit = reader.byte(), let x = reader.bigEndian16(),
      let y = reader.bigEndian16(), x > 0, y > 0
    else { return nil }
    switch unit {
    case 0: return x == y ? nil : Metadata.Resolution(x: Double(x), y: Double(y), unit: .aspectRatio)
    case 1: return Metadata.Resolution(x: Double(x), y: Double(y), unit: .inch)
    case 2: return Metadata.Resolution(x: Double(x) * 100, y: Double(y) * 100, unit: .meter)
    default: return nil
    }
  }

  /// The nearest density that JFIF's 16-bit fields can state; unit 0 is a bare ratio, 1 inch, 2 centimetre.
  static func density(_ resolution: Metadata.Resolution?) -> (unit: Int, x: Int, y: Int) {
    guard let resolution, resolution.x > 0, resolution.y > 0, resolution.x.isFinite, resolution.y.isFinite
    else { return (0, 1, 1) }
    let candidates: [(unit: Int, scale: Double)] =
      switch resolution.unit {
      case .aspectRatio: [(0, min(1, 65_535 / max(resolution.x, resolution.y)))]
      case .inch: [(1, 1), (2, 1 / 2.54)]
      case .meter: [(1, 0.0254), (2, 0.01)]
      }
    func rounded(_ scale: Double) -> (x: Double, y: Double, error: Double) {
      let (x, y) = ((resolution.x * scale).rounded(), (resolution.y * scale).rounded())
      let error = max(abs(x / (resolution.x * scale) - 1), abs(y / (resolution.y * scale) - 1))
      return (x, y, error)
    }
    let fitting = candidates.map { ($0.unit, rounded($0.scale)) }
      .filter { (1...65_535).contains($0.1.x) && (1...65_535).contains($0.1.y) }
    guard let best = fitting.min(by: { $0.1.error < $1.1.error }) else { return (0, 1, 1) }
    return (best.0, Int(best.1.x), Int(best.1.y))
  }
}
