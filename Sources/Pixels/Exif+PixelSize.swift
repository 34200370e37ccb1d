// What is stated in pixels: the picture's size, where its subject is, how dense the sensor was.

extension Exif {
  /// Makes every tag that states the picture's size in pixels say `size`; absent tags stay absent. What is counted in these pixels
  /// follows by the size that the block has stated: who divides the one by the other gets the same sensor as before.
  package mutating func setPixelSize(_ size: Size) {
    let directory = directory(Tag.exifDirectory, in: mainDirectory)
    if let width = value(of: Tag.pixelXDimension, in: directory), width > 0,
      let height = value(of: Tag.pixelYDimension, in: directory), height > 0
    {
      scale(Tag.focalPlaneXResolution, in: directory, by: size.width, over: width)
      scale(Tag.focalPlaneYResolution, in: directory, by: size.height, over: height)
      for tag in Self.subjectTags {
        // Across and down take turns; a circle's diameter counts as across.
        for (index, place) in shorts(of: tag, in: directory).enumerated() {
          let factor =
            index % 2 == 0 ? Double(size.width) / Double(width) : Double(size.height) / Double(height)
          store(Double(load16(at: place)) * factor, at: place)
        }
      }
    }
    state(size)
  }

  /// Makes what is stated of the stored rows, which have `size`, true of the upright picture.
  package mutating func turn(_ orientation: Orientation, from size: Size) {
    if orientation == .upright { return }
    setPixelSize(size)
    let directory = directory(Tag.exifDirectory, in: mainDirectory)
    for tag in Self.subjectTags {
      let places = shorts(of: tag, in: directory)
      guard places.count >= 2 else { continue }
      let place = orientation.upright(x: load16(at: places[0]), y: load16(at: places[1]), in: size)
      store(Double(place.x), at: places[0])
      store(Double(place.y), at: places[1])
      if orientation.swapsAxes, places.count == 4 { swap(places[2], places[3], bytes: 2) }
    }
    if orientation.swapsAxes {
      swapRationals(Tag.xResolution, Tag.yResolution, in: mainDirectory)
      swapRationals(Tag.focalPlaneXResolution, Tag.focalPlaneYResolution, in: directory)
    }
    state(orientation.upright(size))
  }

  private static let subjectTags = [Tag.subjectArea, Tag.subjectLocation]

  private mutating func state(_ size: Size) {
    let exif = directory(Tag.exifDirectory, in: mainDirectory)
    for (directory, width, height) in [
      (mainDirectory, Tag.imageWidth, Tag.imageLength), (exif, Tag.pixelXDimension, Tag.pixelYDimension),
      (
        directory(Tag.interoperabilityDirectory, in: exif), Tag.relatedImageWidth, Tag.relatedImageLength
      ),
    ] {
      set(width, in: directory, to: size.width)
      set(height, in: directory, to: size.height)
    }
  }

  /// Multiplies a fraction by `factor / divisor`, both without their common divisor. Numbers that become too large lose their
  /// last bits; a fraction that would become none stays.
  private mutating func scale(_ tag: Int, in directory: Range<Int>, by factor: Int, over divisor: Int) {
    guard let place = rationalPosition(of: tag, in: directory) else { return }
    var (common, rest) = (factor, divisor)
    while rest != 0 { (common, rest) = (rest, common % rest) }
    var (numerator, overflow) = Int(load32(at: place)).multipliedReportingOverflow(by: factor / common)
    var (denominator, overflows) = Int(load32(at: place + 4))
      .multipliedReportingOverflow(by: divisor / common)
    while max(numerator, denominator) > 0xffff_ffff {
      numerator >>= 1
      denominator >>= 1
    }
    guard !overflow, !overflows, let numerator = UInt32(exactly: numerator), numerator > 0,
      let denominator = UInt32(exactly: denominator), denominator > 0
    else { return }
    store32(numerator, at: place)
    store32(denominator, at: place + 4)
  }

  /// Where two to four whole numbers of 16 bits stand; nowhere for others.
  private func shorts(of tag: Int, in directory: Range<Int>) -> [Int] {
    guard let entry = position(of: tag, in: directory), load16(at: entry + 2) == 3 else { return [] }
    let count = Int(load32(at: entry + 4))
    guard (2...4).contains(count), let place = valuePosition(entry, bytes: 2 * count) else { return [] }
    return (0..<count).map { place + 2 * $0 }
  }

  /// As near as 16 bits come.
  private mutating func store(_ value: Double, at place: Int) {
    store16(Int(min(max(value.rounded(), 0), 0xffff)), at: place)
  }

  private mutating func swapRationals(_ first: Int, _ second: Int, in directory: Range<Int>) {
    guard let first = rationalPosition(of: first, in: directory),
      let second = rationalPosition(of: second, in: directory)
    else { return }
    swap(first, second, bytes: 8)
  }

  private mutating func swap(_ first: Int, _ second: Int, bytes count: Int) {
    for index in 0..<count { bytes.swapAt(first + index, second + index) }
  }
}

extension Orientation {
  /// Where a stored pixel is in the upright picture.
  fileprivate func upright(x: Int, y: Int, in size: Size) -> (x: Int, y: Int) {
    let (right, below) = (size.width - 1 - x, size.height - 1 - y)
    return switch self {
    case .upright: (x, y)
    case .mirrored: (right, y)
    case .upsideDown: (right, below)
    case .mirroredUpsideDown: (x, below)
    case .transposed: (y, x)
    case .turnRight: (below, x)
    case .transversed: (below, right)
    case .turnLeft: (y, right)
    }
  }
}
