/// An EXIF block, a TIFF structure, edited in place: values change, nothing moves, so that the offsets inside a
/// camera's maker note stay right.
///
/// The block is untrusted: every offset is checked, an entry that points outside is as good as absent, and at
/// most four directories are visited.
package struct Exif: Sendable, Equatable {
  package internal(set) var bytes: [UInt8]
  let isBigEndian: Bool

  /// - Returns: nil when `bytes` are no TIFF structure with a readable first directory.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count >= 8 else { return nil }
    switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
    case (0x49, 0x49, 42, 0): isBigEndian = false
    case (0x4d, 0x4d, 0, 42): isBigEndian = true
    default: return nil
    }
    self.bytes = bytes
    guard entries(ofDirectoryAt: Int(load32(at: 4))) != nil else { return nil }
  }
}

// MARK: - In files

extension Exif {
  /// What a JPEG's segment begins with, before a byte that is 0 but of some writers.
  package static let identifier = "Exif\0"
  /// What stands before the block in a JPEG's segment, and before some in PNG and WebP whose writers left it there.
  package static var prefix: [UInt8] { Array(identifier.utf8) + [0] }

  package static func withoutPrefix(_ bytes: [UInt8]) -> [UInt8] {
    bytes.count >= prefix.count && bytes.starts(with: identifier.utf8)
      ? Array(bytes.dropFirst(prefix.count)) : bytes
  }
}

// MARK: - What the block says

extension Exif {
  enum Tag {
    static let imageWidth = 0x0100
    static let imageLength = 0x0101
    static let orientation = 0x0112
    static let xResolution = 0x011a
    static let yResolution = 0x011b
    static let resolutionUnit = 0x0128
    static let thumbnailOffset = 0x0201
    static let thumbnailLength = 0x0202
    static let exifDirectory = 0x8769
    static let gpsDirectory = 0x8825
    static let subjectArea = 0x9214
    static let pixelXDimension = 0xa002
    static let pixelYDimension = 0xa003
    static let interoperabilityDirectory = 0xa005
    static let focalPlaneXResolution = 0xa20e
    static let focalPlaneYResolution = 0xa20f
    static let subjectLocation = 0xa214
    static let relatedImageWidth = 0x1001
    static let relatedImageLength = 0x1002
  }

  /// The orientation tag, nil when it is absent or not one of 1...8.
  package var orientation: Orientation? {
    get {
      value(of: Tag.orientation, in: mainDirectory).flatMap { Orientation(rawValue: $0) }
    }
    set {
      set(Tag.orientation, in: mainDirectory, to: (newValue ?? .upright).rawValue)
    }
  }

  /// Removes the second directory, the thumbnail: it shows the picture as it was, not turned and not enlarged.
  /// Its bytes are blanked, and cut off where they end the block; but an editor that has moved it may have left the tag as
  /// it was, and what stands in such a place is something else's.
  package mutating func removeThumbnail() {
    let linkPosition = mainDirectory.upperBound
    guard linkPosition + 4 <= bytes.count else { return }
    let offset = Int(load32(at: linkPosition))
    guard offset != 0 else { return }
    store32(0, at: linkPosition)
    guard let directory = entries(ofDirectoryAt: offset) else { return }
    guard let start = value(of: Tag.thumbnailOffset, in: directory),
      let length = value(of: Tag.thumbnailLength, in: directory), length > 0,
      start >= 8, start <= bytes.count, length <= bytes.count - start,
      bytes[start..<start + length].starts(with: Self.jpegBeginning),
      !directories.contains(where: { $0.overlaps(start..<start + length) })
    else { return }
    if start + length >= bytes.count - 4 {
      bytes.removeSubrange(start...)
    } else {
      for position in start..<start + length { bytes[position] = 0 }
    }
  }
}

// MARK: - Directories

extension Exif {
  /// The marker that every JPEG begins with, a thumbnail too.
  private static let jpegBeginning: [UInt8] = [0xff, 0xd8]

  /// The byte range of the first directory's entries.
  var mainDirectory: Range<Int> { entries(ofDirectoryAt: Int(load32(at: 4))) ?? 0..<0 }

  /// The byte ranges of the entries of the directories that belong to the main picture.
  private var directories: [Range<Int>] {
    let main = mainDirectory
    let exif = directory(Tag.exifDirectory, in: main)
    let others = [
      directory(Tag.gpsDirectory, in: main), directory(Tag.interoperabilityDirectory, in: exif),
    ]
    return ([main, exif] + others).filter { !$0.isEmpty }
  }

  /// The byte range of the entries of the directory that a tag points to; empty where there is none.
  func directory(_ tag: Int, in directory: Range<Int>) -> Range<Int> {
    value(of: tag, in: directory).flatMap { entries(ofDirectoryAt: $0) } ?? 0..<0
  }

  /// The byte range of a directory's entries, 12 bytes each; nil when none lies inside the block.
  private func entries(ofDirectoryAt offset: Int) -> Range<Int>? {
    guard offset >= 8, offset <= bytes.count - 2 else { return nil }
    // Of a directory that claims more entries than there is room for, those that are there.
    let count = min(load16(at: offset), (bytes.count - offset - 2) / 12)
    guard count > 0 else { return nil }
    return offset + 2..<offset + 2 + count * 12
  }

  func position(of tag: Int, in directory: Range<Int>) -> Int? {
    stride(from: directory.lowerBound, to: directory.upperBound, by: 12).first { load16(at: $0) == tag }
  }

  /// A single whole number held in the entry itself: BYTE, SHORT or LONG.
  func value(of tag: Int, in directory: Range<Int>) -> Int? {
    guard let entry = position(of: tag, in: directory), load32(at: entry + 4) == 1 else { return nil }
    switch load16(at: entry + 2) {
    case 1: return Int(bytes[entry + 8])
    case 3: return load16(at: entry + 8)
    case 4: return Int(load32(at: entry + 8))
    default: return nil
    }
  }

  /// Where the value of an entry stands that has so many bytes; nil where that is outside of the block or in a directory.
  func valuePosition(_ entry: Int, bytes count: Int) -> Int? {
    if count <= 4 { return entry + 8 }
    let offset = Int(load32(at: entry + 8))
    guard offset >= 8, offset <= bytes.count - count,
      !directories.contains(where: { $0.overlaps(offset..<offset + count) })
    else { return nil }
    return offset
  }

  mutating func set(_ tag: Int, in directory: Range<Int>, to value: Int) {
    guard let entry = position(of: tag, in: directory), load32(at: entry + 4) == 1,
      let word = UInt32(exactly: value)
    else { return }
    // A value too large for its type gets a wider one; the entry has room for all of them.
    let type = load16(at: entry + 2)
    switch (type, value) {
    case (1, 0...0xff):
      bytes[entry + 8] = UInt8(value)
    case (1, ...0xffff), (3, ...0xffff):
      store16(3, at: entry + 2)
      store32(0, at: entry + 8)
      store16(value, at: entry + 8)
    case (1, _), (3, _), (4, _):
      store16(4, at: entry + 2)
      store32(word, at: entry + 8)
    default: return
    }
  }
}

// MARK: - Words in the block's byte order

extension Exif {
  func load16(at position: Int) -> Int {
    let (first, second) = (Int(bytes[position]), Int(bytes[position + 1]))
    return isBigEndian ? first << 8 | second : second << 8 | first
  }

  func load32(at position: Int) -> UInt32 {
    let (first, second) = (UInt32(load16(at: position)), UInt32(load16(at: position + 2)))
    return isBigEndian ? first << 16 | second : second << 16 | first
  }

  mutating func store16(_ value: Int, at position: Int) {
    let (high, low) = (UInt8(value >> 8 & 0xff), UInt8(value & 0xff))
    bytes[position] = isBigEndian ? high : low
    bytes[position + 1] = isBigEndian ? low : high
  }

  mutating func store32(_ value: UInt32, at position: Int) {
    let (high, low) = (Int(value >> 16), Int(value & 0xffff))
    store16(isBigEndian ? high : low, at: position)
    store16(isBigEndian ? low : high, at: position + 2)
  }
}
