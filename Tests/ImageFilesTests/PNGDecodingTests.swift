import ImageFiles
import Pixels
import TestSupport
import Testing

@Suite struct PNGDecodingTests {
  struct Kind: Sendable, CustomTestStringConvertible {
    let color: PNGBuilder.Color
    let depth: Int
    var testDescription: String { "\(color) \(depth)" }
  }

  static let kinds: [Kind] = [
    (.gray, [1, 2, 4, 8, 16]), (.rgb, [8, 16]), (.palette, [1, 2, 4, 8]), (.grayAlpha, [8, 16]),
    (.rgba, [8, 16]),
  ].flatMap { color, depths in depths.map { Kind(color: color, depth: $0) } }

  /// A sample that differs from its neighbours and uses all values.
  private static func sample(_ x: Int, _ y: Int, _ channel: Int, depth: Int) -> Int {
    let mixed = x * 40_503 + y * 30_011 + channel * 20_021 + x * y * 7
    let bits = mixed >> 2
    return bits % (1 << depth)
  }

  private static func palette(_ count: Int) -> [[UInt8]] {
    (0..<count).map { (index: Int) -> [UInt8] in
      [UInt8(truncatingIfNeeded: index * 37), UInt8(truncatingIfNeeded: index * 91), UInt8(255 - index)]
    }
  }

  private static func builder(_ kind: Kind, width: Int = 19, height: Int = 13) -> PNGBuilder {
    var builder = PNGBuilder(width: width, height: height, depth: kind.depth, color: kind.color) {
      Self.sample($0, $1, $2, depth: kind.depth)
    }
    if kind.color == .palette { builder.chunksBefore = [("PLTE", palette(1 << kind.depth).flatMap { $0 })] }
    return builder
  }

  private static func expected(_ builder: PNGBuilder) -> [Int] {
    (0..<builder.width * builder.height).flatMap { pixel -> [Int] in
      let (x, y) = (pixel % builder.width, pixel / builder.width)
      if builder.color == .palette {
        return Self.palette(1 << builder.depth)[builder.sample(x, y, 0)].map { Int($0) }
      }
      let samples = (0..<builder.color.channels).map { builder.sample(x, y, $0) }
      // 1, 2 and 4 bits stretch to 8: the largest value is white.
      return builder.depth < 8 ? samples.map { $0 * 255 / (1 << builder.depth - 1) } : samples
    }
  }

  @Test(arguments: kinds, [false, true]) func everyKindHasItsSamples(kind: Kind, isInterlaced: Bool) throws {
    for (width, height) in [(19, 13), (1, 1), (3, 9), (8, 8), (1, 20)] {
      var builder = Self.builder(kind, width: width, height: height)
      builder.isInterlaced = isInterlaced
      let image = try ImageFile.read(bytes: builder.bytes)
      #expect(image.size == Size(width: width, height: height))
      #expect(image.samples.depth == max(8, kind.depth))
      let layout: Image.Layout =
        switch kind.color {
        case .gray: .gray
        case .grayAlpha: .grayAlpha
        case .rgb, .palette: .rgb
        case .rgba: .rgba
        }
      #expect(image.layout == layout)
      #expect(image.values == Self.expected(builder))
    }
  }

  @Test(arguments: kinds.filter { [.gray, .rgb].contains($0.color) })
  func theTransparentColorGetsAlpha(kind: Kind) throws {
    var builder = Self.builder(kind)
    let key = (0..<kind.color.channels).map { builder.sample(4, 5, $0) }
    builder.chunksBefore.append(("tRNS", key.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }))
    let image = try ImageFile.read(bytes: builder.bytes)
    #expect(image.layout == (kind.color == .gray ? .grayAlpha : .rgba))
    let channels = kind.color.channels
    let peak = kind.depth == 16 ? 65_535 : 255
    var hidden = 0
    for pixel in 0..<builder.width * builder.height {
      let (x, y) = (pixel % builder.width, pixel / builder.width)
      let isKey = (0..<channels).map { builder.sample(x, y, $0) } == key
      hidden += isKey ? 1 : 0
      #expect(image.values[pixel * (channels + 1) + channels] == (isKey ? 0 : peak))
    }
    #expect(hidden > 0)
  }

  @Test(arguments: [1, 2, 4, 8]) func aPaletteMayHaveAlpha(depth: Int) throws {
    var builder = Self.builder(Kind(color: .palette, depth: depth))
    // One entry only; the others are opaque.
    builder.chunksBefore.append(("tRNS", [77]))
    let image = try ImageFile.read(bytes: builder.bytes)
    #expect(image.layout == .rgba)
    for pixel in 0..<builder.width * builder.height {
      let index = builder.sample(pixel % builder.width, pixel / builder.width, 0)
      #expect(image.values[4 * pixel + 3] == (index == 0 ? 77 : 255))
    }
  }

  @Test(arguments: [1, 4, 8], [false, true]) func aColourBeyondThePaletteIsDamage(
    depth: Int, isInterlaced: Bool
  ) throws {
    var builder = Self.builder(Kind(color: .palette, depth: depth))
    builder.isInterlaced = isInterlaced
    let whole = try ImageFile.read(bytes: builder.bytes)
    let colors = try #require(builder.chunksBefore.firstIndex { $0.0 == "PLTE" })
    builder.chunksBefore[colors].1.removeLast(3)
    #expect(failure(reading: builder.bytes)?.isCorrupt == true)
    // Taken all the same, the pixels of that colour are black and the others as they were.
    let taken = try ImageFile.read(bytes: builder.bytes, options: ReadOptions(acceptsDamage: true))
    let last = (1 << depth) - 1
    for pixel in 0..<builder.width * builder.height {
      let isLost = builder.sample(pixel % builder.width, pixel / builder.width, 0) == last
      let values = pixel * 3..<pixel * 3 + 3
      #expect(Array(taken.values[values]) == (isLost ? [0, 0, 0] : Array(whole.values[values])))
    }
  }

  @Test func gammaAndSignificantBitsChangeNoSample() throws {
    var builder = Self.builder(Kind(color: .rgb, depth: 16))
    let plain = try ImageFile.read(bytes: builder.bytes)
    builder.chunksBefore = [
      ("gAMA", PNGBuilder.word(100_000)), ("sBIT", [5, 6, 5]),
      ("cHRM", (0..<8).flatMap { PNGBuilder.word(30_000 + $0) }), ("bKGD", [0, 1, 0, 1, 0, 1]),
    ]
    #expect(try ImageFile.read(bytes: builder.bytes).values == plain.values)
  }

  // MARK: - Damage

  @Test func aBrokenChecksumIsDamage() throws {
    let good = Self.builder(Kind(color: .rgb, depth: 8)).bytes
    for position in [29, 60, good.count - 16] {  // in IHDR's CRC, in the pixels, in IDAT's CRC
      var bad = good
      bad[position] ^= 1
      #expect(failure(reading: bad)?.isCorrupt == true)
    }
  }

  @Test func aFileCopiedAsTextIsCalledDamaged() {
    var bytes = Self.builder(Kind(color: .gray, depth: 8)).bytes
    bytes.remove(at: 4)  // CR LF became LF
    #expect(failure(reading: bytes)?.isCorrupt == true)
  }

  @Test func tooFewRowsAreNoPicture() {
    var builder = Self.builder(Kind(color: .gray, depth: 8))
    let rows = builder.rows
    builder.height = 14
    let bytes = PNGBuilder.file([
      ("IHDR", builder.header), ("IDAT", PNGBuilder.zlib(rows)), ("IEND", []),
    ])
    #expect(failure(reading: bytes) != nil)
  }

  @Test func chunksOutOfPlaceAreDamage() {
    let builder = Self.builder(Kind(color: .palette, depth: 8))
    let pixels = ("IDAT", PNGBuilder.zlib(builder.rows))
    let header = ("IHDR", builder.header)
    for chunks: [(String, [UInt8])] in [
      [header, pixels, ("IEND", [])],  // no palette
      [builder.chunksBefore[0], header, pixels, ("IEND", [])],
      [header, header, builder.chunksBefore[0], pixels, ("IEND", [])],
      [header, builder.chunksBefore[0], ("IEND", [])],
    ] {
      #expect(failure(reading: PNGBuilder.file(chunks))?.isCorrupt == true)
    }
    // Unknown and critical; Apple's.
    let unknown = [header, builder.chunksBefore[0], ("ABCD", [1]), pixels, ("IEND", [])]
    #expect(failure(reading: PNGBuilder.file(unknown))?.isUnsupported == true)
    let apples = [("CgBI", [0x50, 0, 0x20, 6]), header, builder.chunksBefore[0], pixels, ("IEND", [])]
    #expect(failure(reading: PNGBuilder.file(apples))?.isUnsupported == true)
  }

  // MARK: - The PNG suite

  private static let suite = SharedData.files("formats/pngsuite", extension: "png")

  @Test(.enabled(if: !suite.isEmpty, "needs the shared data's formats/pngsuite"))
  func theSuiteReadsOrFailsAsItsNamesSay() throws {
    var pictures: [String: Image] = [:]
    for path in Self.suite {
      let name = String(path.split(separator: "/").last?.dropLast(4) ?? "")
      let result = Result { () throws(ImageFileError) in try ImageFile.read(path) }
      if name.hasPrefix("x") {
        guard case .failure(let error) = result else {
          Issue.record("\(name) is broken and was read")
          continue
        }
        #expect(error.cause.isCorrupt || error.cause == .unknownFormat)
        #expect(error.file == path)
      } else {
        pictures[name] = try result.get()
      }
    }
    // Interlaced and not, in one or many chunks, at any compression: the same pictures.
    var pairs = 0
    for (name, image) in pictures {
      let twin =
        name.hasPrefix("basi")
        ? name.replacing("basi", with: "basn")
        : name.hasPrefix("s") && name.contains("i3p")
          ? name.replacing("i3p", with: "n3p")
          : name.hasPrefix("oi") ? "oi1" + name.dropFirst(3) : name.hasPrefix("z") ? "z00n2c08" : name
      if twin == name { continue }
      pairs += 1
      let isSame = image.samples == pictures[twin]?.samples
      #expect(isSame, "\(name) and \(twin)")
    }
    #expect(pairs > 40)
  }
}
