import Pixels
import TestSupport
import Testing

@testable import ImageFiles

/// Damaged files by the thousand: each is a picture of the size that its header states, or a typed error.
@Suite struct MutationTests {
  private static let count = SharedData.runsFullTests ? 2_000_000 : 200_000
  private static let limits = Limits(maxPixels: 1 << 20, maxDimension: 1 << 14)
  private static let options = ReadOptions(cmyk: .convert, animation: .firstFrame)

  private static let tolerant = ReadOptions(cmyk: .convert, animation: .firstFrame, acceptsDamage: true)

  /// Whether the bytes are a picture; anything but a picture or an error ends the process.
  private static func isPicture(_ bytes: [UInt8]) throws -> Bool {
    if let image = try? ImageFile.read(bytes: bytes, limits: limits, options: tolerant) {
      let header = try ImageFile.header(bytes: bytes, options: tolerant)
      #expect(image.size == header.size && image.layout == header.layout)
    }
    do throws(ImageFileError) {
      let image = try ImageFile.read(bytes: bytes, limits: limits, options: options)
      let header = try ImageFile.header(bytes: bytes)
      #expect(image.size == header.size && image.layout == header.layout)
      return true
    } catch {
      #expect(!error.description.isEmpty)
      return false
    }
  }

  /// Changes, removes, inserts, repeats bytes.
  static func mutated(_ bytes: [UInt8], _ random: inout RandomSource) -> [UInt8] {
    var result = bytes
    for _ in 0...random.below(4) where result.count > 8 {
      let position = random.below(result.count)
      switch random.below(7) {
      case 0: result[position] ^= 1 << UInt8(random.below(8))
      case 1: result[position] = UInt8(random.below(256))
      case 2: result[position] = [0, 1, 0x7f, 0x80, 0xfe, 0xff][random.below(6)]
      case 3: result.removeSubrange(position..<min(position + 1 + random.below(8), result.count))
      case 4: result.insert(UInt8(random.below(256)), at: position)
      case 5:
        let end = min(position + 1 + random.below(16), result.count)
        result.insert(contentsOf: result[position..<end], at: random.below(result.count))
      default: result[position] = result[position] &+ UInt8(random.below(3)) &- 1
      }
    }
    return result
  }

  /// Changes of what is inside, with checksums and compression put right afterwards.
  static func mutatedPNG(_ seed: PNGSeed, _ random: inout RandomSource) -> [UInt8] {
    let builder = seed.builder
    var header = builder.header
    var rows = seed.rows
    var chunks = builder.chunksBefore
    if random.below(5) == 0 {
      header[[3, 7, 8, 9, 10, 11, 12, 2][random.below(8)]] = UInt8(random.below(20))
    }
    for _ in 0..<random.below(6) { rows[random.below(rows.count)] = UInt8(random.below(256)) }
    switch random.below(8) {
    case 0: rows.removeLast(random.below(min(20, rows.count)))
    case 1: rows += [UInt8](repeating: 0, count: random.below(50))
    default: break
    }
    if random.below(3) == 0 {
      let types = [
        "tRNS", "PLTE", "gAMA", "iCCP", "eXIf", "pHYs", "acTL", "tEXt", "iTXt", "sBIT", "bKGD", "IDAT",
      ]
      let data = (0..<random.below(30)).map { _ in UInt8(random.below(256)) }
      chunks.insert((types[random.below(types.count)], data), at: random.below(chunks.count + 1))
    }
    var pixels = PNGBuilder.zlib(rows)
    if random.below(10) == 0 { pixels = mutated(pixels, &random) }
    var list = [("IHDR", header)] + chunks + [("IDAT", pixels)] + builder.chunksAfter + [("IEND", [])]
    if random.below(12) == 0 { list.swapAt(random.below(list.count), random.below(list.count)) }
    let bytes = PNGBuilder.file(list)
    return random.below(20) == 0 ? mutated(bytes, &random) : bytes
  }

  /// A picture with its rows, which take long to make.
  struct PNGSeed {
    let builder: PNGBuilder
    let rows: [UInt8]

    init(_ builder: PNGBuilder) {
      (self.builder, rows) = (builder, builder.rows)
    }
  }

  @Test func damagedPNGs() throws {
    var random = RandomSource(seed: 1)
    let seeds = PNGDecodingTests.kinds.flatMap { kind in
      [false, true].map { PNGSeed(Seeds.builder(kind.color, kind.depth, isInterlaced: $0)) }
    }
    var pictures = 0
    for _ in 0..<Self.count {
      let bytes = Self.mutatedPNG(seeds[random.below(seeds.count)], &random)
      if try Self.isPicture(bytes) { pictures += 1 }
    }
    // Otherwise the checksums would have been the only thing tested.
    #expect(Double(pictures) >= 0.3 * Double(Self.count))
    #expect(pictures < Self.count)
  }

  @Test(arguments: ["jpeg", "webp", "bmp"]) func damagedFiles(format: String) throws {
    var random = RandomSource(seed: 2)
    let seeds = try format == "jpeg" ? Seeds.jpeg : format == "webp" ? Seeds.webp() : Seeds.bmp
    var pictures = 0
    for _ in 0..<Self.count {
      if try Self.isPicture(Self.mutated(seeds[random.below(seeds.count)].bytes, &random)) { pictures += 1 }
    }
    #expect(pictures > 0 && pictures < Self.count)
  }
}
