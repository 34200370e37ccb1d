/// An EXIF block, a TIFF structure, edited in place: values change, nothing moves, so that the offsets inside a
/// camera's maker note stay right.
///
/// The block is untrusted: every offset is checked, an entry that points outside is as good as absent, and at
/// most three directories are visited.
package struct Exif: Sendable, Equatable {
  package private(set) var bytes: [UInt8]
  private let isBigEndian: Bool

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
  /// What stands before the block in a JPEG's segment, and before some in PNG and WebP whose writers left it there.
  package static let prefixText = "Exif\0\0"
  package static var prefix: [UInt8] { Array(prefixText.utf8) }

  package static func withoutPrefix(_ bytes: [UInt8]) -> [UInt8] {
    bytes.starts(with: prefix) ? Array(bytes.dropFirst(prefix.count)) : bytes
  }
}

// MARK: - What the block says

extension Exif {
  private enum Tag {
    static let imageWidth = 0x0100
    static let imageLength = 0x0101
    static let orientation = 0x0112
    static let xResolution = 0x011a
    static let yResolution = 0x011b
    static let resolutionUnit = 0x0128
    static let thumbnailOffset = 0x0201
    static let thumbnailLength = 0x0202
    static let exifDirectory = 0x8769
    static let pixelXDimension = 0xa002
    static let pixelYDimension = 0xa003
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

  /// The pixel density of the main picture.
  package var resolution: Metadata.Resolution? {
    guard
      let x = rational(of: Tag.xResolution), let y = rational(of: Tag.yResolution), x > 0, y > 0
    else { return nil }
    switch value(of: Tag.resolutionUnit, in: mainDirectory) ?? 2 {
    case 1: return Metadata.Resolution(x: x, y: y, unit: .aspectRatio)
    case 2: return Metadata.Resolution(x: x, y: y, unit: .inch)
    case 3: return Metadata.Resolution(x: x * 100, y: y * 100, unit: .meter)
    default: return nil
    }
  }

  /// States the resolution in a block that does not, by a copy of the first directory behind the block's end: nothing
  /// else moves. A resolution that EXIF cannot hold changes nothing.
  package mutating func add(_ resolution: Metadata.Resolution) {
    guard let fractions = Self.fractions(resolution) else { return }
    let tags = [Tag.xResolution, Tag.yResolution, Tag.resolutionUnit]
    func tag(_ entry: [UInt8]) -> Int {
      let (first, second) = (Int(entry[0]), Int(entry[1]))
      return isBigEndian ? first << 8 | second : second << 8 | first
    }
    let directory = mainDirectory
    var entries = stride(from: directory.lowerBound, to: directory.upperBound, by: 12)
      .map { Array(bytes[$0..<$0 + 12]) }
    entries.removeAll { tags.contains(tag($0)) }
    let end = directory.upperBound
    let link = end + 4 <= bytes.count ? load32(at: end) : 0
    if !bytes.count.isMultiple(of: 2) { bytes.append(0) }
    let start = bytes.count
    let values = start + 2 + 12 * (entries.count + tags.count) + 4
    let unit = resolution.unit == .aspectRatio ? 1 : 2
    entries += [
      entry(tags[0], type: 5, UInt32(values)), entry(tags[1], type: 5, UInt32(values + 8)),
      entry(tags[2], type: 3, UInt32(isBigEndian ? unit << 16 : unit)),
    ]
    // A directory is in the order of its tags.
    entries.sort { tag($0) < tag($1) }
    bytes += [0, 0] + entries.joined() + [UInt8](repeating: 0, count: 4 + 16)
    store16(entries.count, at: start)
    store32(link, at: values - 4)
    for (index, fraction) in fractions.enumerated() {
      store32(fraction, at: values + 8 * index)
      store32(Self.denominator, at: values + 8 * index + 4)
    }
    store32(UInt32(start), at: 4)
  }

  private func entry(_ tag: Int, type: Int, _ value: UInt32) -> [UInt8] {
    func word(_ value: UInt32, bytes count: Int) -> [UInt8] {
      let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
      return isBigEndian ? little.reversed() : little
    }
    return word(UInt32(tag), bytes: 2) + word(UInt32(type), bytes: 2) + word(1, bytes: 4)
      + word(value, bytes: 4)
  }

  private static let denominator: UInt32 = 10_000

  /// Numerators of pixels per inch, or of the bare ratio; nil where they do not fit.
  private static func fractions(_ resolution: Metadata.Resolution) -> [UInt32]? {
    let scale = resolution.unit == .meter ? 0.0254 : 1
    let values = [resolution.x * scale, resolution.y * scale].map { ($0 * Double(denominator)).rounded() }
    return values.allSatisfy { (1...0xffff_ffff).contains($0) } ? values.map { UInt32($0) } : nil
  }

  /// Makes every tag that states the picture's size in pixels say `size`; absent tags stay absent.
  package mutating func setPixelSize(_ size: Size) {
    set(Tag.imageWidth, in: mainDirectory, to: size.width)
    set(Tag.imageLength, in: mainDirectory, to: size.height)
    guard let offset = value(of: Tag.exifDirectory, in: mainDirectory),
      let directory = entries(ofDirectoryAt: offset)
    else { return }
    set(Tag.pixelXDimension, in: directory, to: size.width)
    set(Tag.pixelYDimension, in: directory, to: size.height)
  }

  /// Removes the second directory, the thumbnail: it shows the picture as it was, not turned and not enlarged.
  /// Its bytes are blanked, and cut off where they end the block.
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
      !(start..<start + length).overlaps(mainDirectory)
    else { return }
    if start + length >= bytes.count - 4 {
      bytes.removeSubrange(start...)
    } else {
      for position in start..<start + length { bytes[position] = 0 }
    }
  }
}

extension Exif {
  /// A new block that states nothing but a resolution; nil for one that it cannot hold.
  package static func block(_ resolution: Metadata.Resolution) -> [UInt8]? {
    // An orientation of 1, for a directory needs an entry.
    let upright: [UInt8] = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 1, 0, 0]
    guard var exif = Exif([0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1] + upright + [0, 0, 0, 0]) else { return nil }
    exif.add(resolution)
    return exif.resolution == nil ? nil : exif.bytes
  }
}

// MARK: - Directories

extension Exif {
  /// The byte range of the first directory's entries.
  private var mainDirectory: Range<Int> { entries(ofDirectoryAt: Int(load32(at: 4))) ?? 0..<0 }

  /// The byte range of a directory's entries, 12 bytes each; nil when none lies inside the block.
  private func entries(ofDirectoryAt offset: Int) -> Range<Int>? {
    guard offset >= 8, offset <= bytes.count - 2 else { return nil }
    // Of a directory that claims more entries than there is room for, those that are there.
    let count = min(load16(at: offset), (bytes.count - offset - 2) / 12)
    guard count > 0 else { return nil }
    return offset + 2..<offset + 2 + count * 12
  }

  private func position(of tag: Int, in directory: Range<Int>) -> Int? {
    stride(from: directory.lowerBound, to: directory.upperBound, by: 12).first { load16(at: $0) == tag }
  }

  /// A single whole number held in the entry itself: BYTE, SHORT or LONG.
  private func value(of tag: Int, in directory: Range<Int>) -> Int? {
    guard let entry = position(of: tag, in: directory), load32(at: entry + 4) == 1 else { return nil }
    switch load16(at: entry + 2) {
    case 1: return Int(bytes[entry + 8])
    case 3: return load16(at: entry + 8)
    case 4: return Int(load32(at: entry + 8))
    default: return nil
    }
  }

  private mutating func set(_ tag: Int, in directory: Range<Int>, to value: Int) {
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

  private func rational(of tag: Int) -> Double? {
    guard let entry = position(of: tag, in: mainDirectory), load32(at: entry + 4) == 1,
      load16(at: entry + 2) == 5
    else { return nil }
    let offset = Int(load32(at: entry + 8))
    guard offset >= 8, offset <= bytes.count - 8 else { return nil }
    let (numerator, denominator) = (load32(at: offset), load32(at: offset + 4))
    return denominator == 0 ? nil : Double(numerator) / Double(denominator)
  }
}

// MARK: - Words in the block's byte order

extension Exif {
  private func load16(at position: Int) -> Int {
    let (first, second) = (Int(bytes[position]), Int(bytes[position + 1]))
    return isBigEndian ? first << 8 | second : second << 8 | first
  }

  private func load32(at position: Int) -> UInt32 {
    let (first, second) = (UInt32(load16(at: position)), UInt32(load16(at: position + 2)))
    return isBigEndian ? first << 16 | second : second << 16 | first
  }

  private mutating func store16(_ value: Int, at position: Int) {
    let (high, low) = (UInt8(value >> 8 & 0xff), UInt8(value & 0xff))
    bytes[position] = isBigEndian ? high : low
    bytes[position + 1] = isBigEndian ? low : high
  }

  private mutating func store32(_ value: UInt32, at position: Int) {
    let (high, low) = (Int(value >> 16), Int(value & 0xffff))
    store16(isBigEndian ? high : low, at: position)
    store16(isBigEndian ? low : high, at: position + 2)
  }
}
