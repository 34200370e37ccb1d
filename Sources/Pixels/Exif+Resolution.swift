// Pixel densities: read, exchanged, stated where there are none.

extension Exif {
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

  private func rational(of tag: Int) -> Double? {
    guard let offset = rationalPosition(of: tag, in: mainDirectory) else { return nil }
    let (numerator, denominator) = (load32(at: offset), load32(at: offset + 4))
    return denominator == 0 ? nil : Double(numerator) / Double(denominator)
  }

  /// Where a fraction of a directory stands.
  func rationalPosition(of tag: Int, in directory: Range<Int>) -> Int? {
    guard let entry = position(of: tag, in: directory), load32(at: entry + 4) == 1,
      load16(at: entry + 2) == 5
    else { return nil }
    return valuePosition(entry, bytes: 8)
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
