import CPNG
import Foundation
import ImageFiles
import Pixels
import TestSupport
import Testing

@Suite struct LimitsTests {
  private static func word(_ value: Int) -> [UInt8] { PNGBuilder.word(value) }

  private static func png(_ width: Int, _ height: Int, data: Int, color: UInt8 = 6, depth: UInt8 = 16)
    -> [UInt8]
  {
    PNGBuilder.file([
      ("IHDR", word(width) + word(height) + [depth, color, 0, 0, 0]),
      ("IDAT", [UInt8](repeating: 0, count: data)), ("IEND", []),
    ])
  }

  private static func jpeg(_ width: Int, _ height: Int, padding: Int) -> [UInt8] {
    var bytes = JPEGBuilder(width: 8, height: 8, components: [JPEGBuilder.Component(value: 9)]).bytes
    if let frame = bytes.indices.dropLast().first(where: { bytes[$0] == 0xff && bytes[$0 + 1] == 0xc0 }) {
      bytes.replaceSubrange(
        frame + 5..<frame + 9, with: [height >> 8, height & 255, width >> 8, width & 255].map { UInt8($0) })
    }
    return bytes + [UInt8](repeating: 0, count: padding)
  }

  /// `count` zeros, deflated.
  private static func deflatedZeros(_ count: Int) -> [UInt8] {
    var out = acuity_png_buffer()
    defer { acuity_png_free(&out) }
    let zeros = [UInt8](repeating: 0, count: count)
    #expect(acuity_zlib_deflate(zeros, count, 9, &out) == 0)
    return Array(UnsafeBufferPointer(start: out.bytes, count: out.count))
  }

  private static func bmp(_ changes: [(Int, Int)]) -> [UInt8] {
    var bytes = Seeds.bmp[0].bytes
    for (position, value) in changes {
      bytes.replaceSubrange(position..<position + 4, with: WebPBuilder.little(value, bytes: 4))
    }
    return bytes
  }

  /// Files that promise far more than they hold.
  static func bombs() -> [[UInt8]] {
    let canvas = WebPBuilder.extended(Size(width: 1 << 24, height: 1 << 24), flags: 2)
    let frame = ("ANMF", [UInt8](repeating: 0xff, count: 24))
    let tiny = Seeds.builder(.gray, 8, isInterlaced: false)
    return [
      png(0x7fff_ffff, 0x7fff_ffff, data: 100), png(65_535, 65_535, data: 100), png(60_000, 1, data: 10),
      png(100_000, 1, data: 10_000, color: 0, depth: 1), png(1, 2_000_000, data: 10_000, color: 0, depth: 1),
      png(20_000, 20_000, data: 500_000, color: 0, depth: 8), png(0, 5, data: 10), png(5, 0, data: 10),
      PNGBuilder.signature + word(0x7fff_ffff) + Array("IHDR".utf8),
      PNGBuilder.signature + word(-1) + Array("IHDR".utf8),
      PNGBuilder.file(
        [("IHDR", tiny.header)] + [(String, [UInt8])](repeating: ("tEXt", []), count: 10_001)
          + [("IDAT", PNGBuilder.zlib(tiny.rows)), ("IEND", [])]),
      jpeg(65_535, 65_535, padding: 0), jpeg(65_535, 65_535, padding: 9 << 20), jpeg(0, 65_535, padding: 0),
      jpeg(65_535, 0, padding: 0),
      [0xff, 0xd8] + [UInt8]([[UInt8]](repeating: [0xff, 0xe5, 0, 2], count: 10_001).joined()),
      WebPBuilder.file([canvas, frame]),
      WebPBuilder.file([canvas] + [(String, [UInt8])](repeating: frame, count: 9)),
      WebPBuilder.file([(String, [UInt8])](repeating: ("JUNK", []), count: 100_001)),
      bmp([(18, 0x7fff_ffff), (22, 0x7fff_ffff)]), bmp([(18, -1)]), bmp([(22, -0x8000_0000)]),
      bmp([(46, -1)]),
      bmp([(10, -1)]), bmp([(10, 0)]),
    ]
  }

  @Test func bombsAreRefused() {
    let bombs = Self.bombs()
    #expect(bombs.count >= 20)
    for bomb in bombs { _ = failure(reading: bomb) }
  }

  /// What a header promises is compared with the file's bytes, whatever the limits and before anything is allocated.
  @Test(arguments: [
    png(10_000, 10_000, data: 90_000, color: 0, depth: 8), jpeg(16_000, 16_000, padding: 0),
  ])
  func aFileTooShortForItsPixelsIsSaidToBe(bomb: [UInt8]) {
    for limits in [Limits(), Limits(maxPixels: 1)] {
      guard case .truncated(_, let text)? = failure(reading: bomb, limits: limits) else {
        Issue.record("it is not called truncated")
        continue
      }
      #expect(text.hasPrefix("too few bytes for "))
    }
  }

  @Test func segmentsAndChunksAreCounted() {
    func repeated(_ part: [UInt8], _ count: Int) -> [UInt8] {
      Array(repeatElement(part, count: count).joined())
    }
    let jpeg: [UInt8] = [0xff, 0xd8] + repeated([0xff, 0xe5, 0, 2], 10_001)
    #expect(failure(reading: jpeg) == .corrupt(.jpeg, "more than 10000 segments"))
    let chunks = Array("WEBP".utf8) + repeated(Array("JUNK\0\0\0\0".utf8), 100_001)
    let webp = Array("RIFF".utf8) + WebPBuilder.little(chunks.count, bytes: 4) + chunks
    #expect(failure(reading: webp) == .corrupt(.webp, "more than 100000 chunks"))
  }

  /// One colour, as densely as deflate can have it: of a byte come nearly 1032.
  @Test func theDensestPNGIsRead() throws {
    let builder = PNGBuilder(width: 5000, height: 4000, depth: 8, color: .gray) { _, _, _ in 0 }
    let data = Self.deflatedZeros(5001 * 4000)
    #expect(data.count * 1020 < 5001 * 4000)
    let bytes = PNGBuilder.file([("IHDR", builder.header), ("IDAT", data), ("IEND", [])])
    #expect(try ImageFile.read(bytes: bytes).size == Size(width: 5000, height: 4000))
  }

  @Test(.enabled(if: peakMemory() > 0, "needs a system that tells the peak"))
  func bombsTakeNoMemory() async {
    await #expect(processExitsWith: .success) {
      let bombs = LimitsTests.bombs()
      let before = peakMemory()
      for bomb in bombs { _ = try? ImageFile.read(bytes: bomb) }
      exit(peakMemory() - before < 64 << 20 ? 0 : 1)
    }
  }

  @Test(.enabled(if: peakMemory() > 0, "needs a system that tells the peak"))
  func compressedTextsStopAtALimit() async {
    var builder = Seeds.builder(.gray, 8, isInterlaced: false)
    // Made here and not in the process that is measured, whose peak would be this one.
    let bomb = Self.deflatedZeros(100 << 20)
    builder.chunksBefore = [("iCCP", Array("x\0\0".utf8) + bomb)]
    builder.chunksAfter = [("iTXt", Array("XML:com.adobe.xmp\0\u{1}\0\0\0".utf8) + bomb)]
    await #expect(processExitsWith: .success) { [bytes = builder.bytes as [UInt8]] in
      let before = peakMemory()
      // The picture is good; its texts are left out.
      let image = try ImageFile.read(bytes: bytes)
      let isBare = image.metadata == Metadata()
      exit(isBare && peakMemory() - before < 64 << 20 ? 0 : 1)
    }
  }

  /// Noise takes the most, in its alpha too.
  @Test(
    .enabled(
      if: peakMemory() > 0 && !isSanitized, "needs a system that tells the peak, and all memory for itself"),
    arguments: [ImageFormat.png, .jpeg, .webp], Image.Layout.allCases)
  func encodingTakesNoMoreMemoryThanItSays(format: ImageFormat, layout: Image.Layout) async throws {
    if layout.hasAlpha && !format.supportsAlpha { return }
    for (quality, isExact) in [(95, false), (100, false), (95, true)] where format != .jpeg || !isExact {
      await #expect(processExitsWith: .success, "\(format) \(layout) \(quality) \(isExact)") {
        [
          name = format.name as String, channels = layout.channels as Int, quality = quality as Int,
          isExact = isExact as Bool
        ] in
        guard let format = ImageFormat(named: name),
          let layout = Image.Layout.allCases.first(where: { $0.channels == channels })
        else { exit(2) }
        let options = EncodeOptions(
          pngLevel: isExact ? 9 : 6, quality: quality, progressive: true, lossless: isExact)
        let image = TestPicture.noise(width: 1500, height: 1000, layout: layout, depth: 8)
        let before = peakMemory()
        _ = try ImageFile.encode(image, as: format, options: options)
        let most = format.encodingMemory(image.size, layout, depth: 8, options)
        exit(peakMemory() - before <= most + 4 << 20 ? 0 : 1)
      }
    }
  }

  @Test func limitsAreExact() throws {
    for size in [Size(width: 30, height: 20), Size(width: 20, height: 30)] {
      let image = TestPicture.noise(width: size.width, height: size.height, layout: .rgb, depth: 8)
      for format in [ImageFormat.png, .jpeg, .webp] {
        let bytes = try ImageFile.encode(image, as: format)
        #expect(failure(reading: bytes, limits: Limits(maxPixels: 599)) == .tooManyPixels(size, limit: 599))
        #expect(
          failure(reading: bytes, limits: Limits(maxDimension: 29)) == .dimensionTooLarge(size, limit: 29))
        #expect(throws: Never.self) {
          try ImageFile.read(bytes: bytes, limits: Limits(maxPixels: 600, maxDimension: 30))
        }
      }
    }
  }

  @Test func headersOfFilesKeepToTheLimitsToo() throws {
    let folder = try TemporaryFolder()
    let image = TestPicture.noise(width: 30, height: 20, layout: .rgb, depth: 8)
    for format in [ImageFormat.png, .jpeg, .webp] {
      let path = try folder.write(try ImageFile.encode(image, as: format), to: "a")
      func refused(_ limits: Limits, _ cause: ImageFileError.Cause) {
        let error = ImageFileError(file: path, cause: cause)
        #expect(throws: error) { try ImageFile.header(path, limits: limits) }
        #expect(throws: error) { try ImageFile.header(pathBytes: Array(path.utf8), limits: limits) }
      }
      refused(Limits(maxPixels: 599), .tooManyPixels(image.size, limit: 599))
      refused(Limits(maxDimension: 29), .dimensionTooLarge(image.size, limit: 29))
      #expect(try ImageFile.header(path, limits: Limits(maxPixels: 600, maxDimension: 30)).size == image.size)
    }
  }

  /// 64 megapixels: the decoder's own buffers and the picture take at most 512 MiB.
  @Test(
    .enabled(
      if: peakMemory() > 0 && !isSanitized, "needs a system that tells the peak, and all memory for itself"),
    arguments: ["png", "jpg", "progressive.jpg", "progressive-444.jpg", "webp"])
  func largePicturesFit(name: String) async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("acuity-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: path) }
    typealias Component = JPEGBuilder.Component
    let bytes: [UInt8]
    if name.hasSuffix("jpg") {
      let halving = name.contains("444") ? 1 : 2
      bytes =
        JPEGBuilder(
          width: 8000, height: 8000,
          components: [
            Component(h: halving, v: halving, value: 90), Component(value: 100), Component(value: 160),
          ],
          frameCode: name == "jpg" ? 0xc0 : 0xc2
        ).bytes
    } else {
      let zeros = [UInt8](repeating: 0, count: 8000 * 8000 * 3)
      let image = Image(width: 8000, height: 8000, layout: .rgb, samples: .uint8(zeros))
      bytes = try ImageFile.encode(
        image, as: name == "png" ? .png : .webp, options: EncodeOptions(pngLevel: 1))
    }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    await #expect(processExitsWith: .success) { [path = path as String] in
      let image = try ImageFile.read(path)
      print("peak of \(path): \(peakMemory() >> 20) MiB")
      exit(image.width == 8000 && peakMemory() <= 512 << 20 ? 0 : 1)
    }
  }
}
