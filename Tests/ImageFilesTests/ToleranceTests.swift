import ImageFiles
import Pixels
import Testing

/// Damaged and cut files, for those who want what is left of them.
@Suite struct ToleranceTests {
  private static let tolerant = ReadOptions(cmyk: .convert, animation: .firstFrame, acceptsDamage: true)

  private func read(_ bytes: some Sequence<UInt8>) throws -> Image {
    try ImageFile.read(bytes: Array(bytes), options: Self.tolerant)
  }

  private func rows(_ image: Image, _ range: Range<Int>) -> [Int] {
    let row = image.width * image.layout.channels
    return Array(image.values[range.lowerBound * row..<range.upperBound * row])
  }

  @Test func soundFilesAreTheSame() throws {
    let strict = ReadOptions(cmyk: .convert, animation: .firstFrame)
    for seed in try Seeds.all() {
      #expect(try read(seed.bytes) == ImageFile.read(bytes: seed.bytes, options: strict), "\(seed)")
    }
  }

  @Test(arguments: [false, true]) func aCutJPEGKeepsWhatThereIs(isProgressive: Bool) throws {
    let picture = TestPicture.noise(width: 64, height: 96, layout: .rgb, depth: 8)
    let bytes = try ImageFile.encode(picture, as: .jpeg, options: EncodeOptions(progressive: isProgressive))
    let whole = try ImageFile.read(bytes: bytes)
    let cut = bytes.prefix(bytes.count * 2 / 3)
    #expect(failure(reading: Array(cut))?.isTruncated == true)
    let image = try read(cut)
    #expect(image.size == whole.size && image != whole)
    // The scans of a progressive file each cover all of it.
    if !isProgressive { #expect(rows(image, 0..<48) == rows(whole, 0..<48)) }
  }

  @Test func aJPEGWithADamagedScanIsTaken() throws {
    let picture = TestPicture.noise(width: 64, height: 64, layout: .rgb, depth: 8)
    var bytes = try ImageFile.encode(picture, as: .jpeg)
    let middle = bytes.count / 2
    bytes.replaceSubrange(middle..<middle + 2, with: [0xff, 0xd3])
    #expect(failure(reading: bytes) != nil)
    #expect(try read(bytes).size == picture.size)
  }

  @Test func aJPEGWithDamageBetweenItsSegmentsIsTaken() throws {
    let builder = JPEGBuilder(
      width: 16, height: 16, components: [JPEGBuilder.Component(value: 90)],
      segments: [(0xe5, Array(1...20))])
    let sound = try read(builder.bytes)
    let endOfSegment = 2 + 4 + 20
    var damaged = [[UInt8]](repeating: builder.bytes, count: 4)
    damaged[0][5] -= 3  // the segment's length
    damaged[1].insert(contentsOf: [7, 0xff, 0], at: endOfSegment)
    damaged[2].insert(contentsOf: [0, 0xff], at: endOfSegment)
    damaged[3].insert(contentsOf: [0xff, 0], at: 2)
    for bytes in damaged {
      #expect(failure(reading: bytes)?.isCorrupt == true)
      #expect(try read(bytes) == sound)
    }
    // To the end of the file there may be none.
    #expect(throws: ImageFileError.self) { try read(builder.bytes.prefix(endOfSegment) + [1, 2, 0xff]) }
  }

  @Test(arguments: [Image.Layout.gray, .rgba], [8, 16]) func aCutPNGKeepsItsRows(
    layout: Image.Layout, depth: Int
  ) throws {
    let picture = TestPicture.noise(width: 60, height: 200, layout: layout, depth: depth)
    let bytes = try ImageFile.encode(picture, as: .png)
    #expect(failure(reading: Array(bytes.dropLast(12)))?.isTruncated == true)
    #expect(try read(bytes.dropLast(12)) == picture, "only IEND is missing")
    let image = try read(bytes.prefix(bytes.count / 2))
    #expect(rows(image, 0..<50) == rows(picture, 0..<50))
    #expect(rows(image, 150..<200).allSatisfy { $0 == 0 })
  }

  @Test func checksumsOfAPNGMayBeWrong() throws {
    let picture = TestPicture.smooth(width: 40, height: 30, layout: .rgb, depth: 8)
    var bytes = try ImageFile.encode(picture, as: .png)
    bytes[bytes.count - 13] ^= 1  // of the pixels' chunk
    #expect(failure(reading: bytes)?.isCorrupt == true)
    #expect(try read(bytes) == picture)
  }

  /// As libpng has it: what does not fit counts as absent.
  @Test func aTransparencyThatDoesNotFitIsPassedOver() throws {
    let palette: [UInt8] = (0..<48).map { UInt8($0 * 5) }
    let cases: [(PNGBuilder.Color, Int, [(String, [UInt8])])] = [
      (.palette, 4, [("PLTE", palette), ("tRNS", [UInt8](repeating: 9, count: 17))]),
      (.palette, 4, [("PLTE", palette), ("tRNS", [])]),
      (.palette, 4, [("tRNS", [1, 2]), ("PLTE", palette)]),
      (.palette, 2, [("PLTE", palette), ("tRNS", [1, 2, 3, 4, 5])]),
      (.gray, 8, [("tRNS", [1])]), (.gray, 8, [("tRNS", [0, 1, 2])]), (.rgb, 8, [("tRNS", [0, 1])]),
    ]
    for (color, depth, chunks) in cases {
      var builder = Seeds.builder(color, depth, isInterlaced: false)
      builder.chunksBefore = chunks
      #expect(failure(reading: builder.bytes) != nil, "\(color) \(chunks)")
      let image = try read(builder.bytes)
      #expect(image.layout == (color == .gray ? .gray : .rgb), "\(color) \(chunks)")
      #expect(try ImageFile.header(bytes: builder.bytes, options: Self.tolerant).layout == image.layout)
      builder.chunksBefore.removeAll { $0.0 == "tRNS" }
      #expect(try image.samples == ImageFile.read(bytes: builder.bytes).samples, "\(color) \(chunks)")
    }
  }

  @Test func aWebPMayHaveBytesBehindItsEnd() throws {
    for seed in try Seeds.webp() {
      let strict = ReadOptions(animation: .firstFrame)
      let longer = seed.bytes + [1, 2, 3]
      #expect(
        try ImageFile.read(bytes: longer, options: strict)
          == ImageFile.read(bytes: seed.bytes, options: strict))
      #expect(try ImageFile.header(bytes: longer).leftOut == ["bytes behind the end of the WebP"])
      #expect(try ImageFile.header(bytes: seed.bytes).leftOut == [])
      #expect(failure(reading: Array(seed.bytes.dropLast(9)), options: Self.tolerant)?.isTruncated == true)
    }
  }

  @Test func aWebPMayLackThePaddingOfItsLastChunk() throws {
    let image = TestPicture.noise(width: 9, height: 5, layout: .rgb, depth: 8)
    var file = try ImageFile.encode(image, as: .webp, options: EncodeOptions(lossless: true))
    var chunk: [UInt8] = Array("ABCD".utf8) + WebPBuilder.little(3, bytes: 4) + [1, 2, 3]
    for isPadded in [true, false] {
      chunk = isPadded ? chunk + [0] : Array(chunk.dropLast())
      var longer = file + chunk
      longer.replaceSubrange(4..<8, with: WebPBuilder.little(longer.count - 8, bytes: 4))
      #expect(try ImageFile.read(bytes: longer) == ImageFile.read(bytes: file), "\(isPadded)")
    }
    file.replaceSubrange(4..<8, with: WebPBuilder.little(3, bytes: 4))
    #expect(failure(reading: file)?.isCorrupt == true)
  }

  @Test func anyPrefixIsAPictureOfItsHeadersSizeOrAnError() throws {
    var pictures = 0
    for seed in try Seeds.all() {
      for count in 0..<seed.bytes.count {
        let bytes = Array(seed.bytes.prefix(count))
        guard let image = try? read(bytes) else { continue }
        pictures += 1
        let header = try ImageFile.header(bytes: bytes, options: Self.tolerant)
        #expect(image.size == header.size && image.layout == header.layout, "\(seed) \(count)")
      }
    }
    #expect(pictures > 100)
  }
}
