import ImageFiles
import Pixels
import TestSupport
import Testing

@Suite struct BMPDecodingTests {
  /// Rows of 7 pixels are filled up to a multiple of four bytes, the bytes count from 0 to 15 over and over, and a colour of the
  /// palette is its number, and five and nine times it.
  private static func color(_ x: Int, row: Int, bits: Int) -> [Int] {
    switch bits {
    case 8:
      let index = (8 * row + x) % 16
      return [index, 5 * index, 9 * index]
    case 24: return [2, 1, 0].map { (24 * row + 3 * x + $0) % 16 }
    default: return [2, 1, 0].map { (28 * row + 4 * x + $0) % 16 }
    }
  }

  @Test(arguments: [8, 24, 32], [false, true])
  func everyKindHasItsSamples(bits: Int, isTopDown: Bool) throws {
    var bytes = try #require(Seeds.bmp.first { $0.description == "bmp \(bits)" }).bytes
    if isTopDown { bytes.replaceSubrange(22..<26, with: WebPBuilder.little(-5, bytes: 4)) }
    let image = try ImageFile.read(bytes: bytes)
    #expect(image.size == Size(width: 7, height: 5) && image.layout == .rgb)
    #expect(
      image.values
        == (0..<35).flatMap { pixel in
          let row = isTopDown ? pixel / 7 : 4 - pixel / 7
          return Self.color(pixel % 7, row: row, bits: bits)
        })
    #expect(image.metadata == Metadata(resolution: Metadata.Resolution(x: 2835, y: 2835, unit: .meter)))
  }

  @Test func aPaletteOfGraysIsGray() throws {
    var bytes = Seeds.bmp[0].bytes
    for index in 0..<16 {
      for channel in 0..<3 { bytes[54 + 4 * index + channel] = UInt8(16 * index) }
    }
    let image = try ImageFile.read(bytes: bytes)
    #expect(image.layout == .gray)
    #expect(image.values == (0..<35).map { 16 * ((8 * (4 - $0 / 7) + $0 % 7) % 16) })
  }

  @Test func theProfileInABitmapIsKept() throws {
    func file(kind: String, offset: Int = 0, count: Int = 0) -> [UInt8] {
      var bytes = Seeds.bmp[1].bytes
      func set(_ value: Int, at position: Int) {
        bytes.replaceSubrange(position..<position + 4, with: WebPBuilder.little(value, bytes: 4))
      }
      // From the first to the fifth version of the header.
      bytes.insert(contentsOf: [UInt8](repeating: 0, count: 124 - 40), at: 14 + 40)
      set(14 + 124, at: 10)
      set(124, at: 14)
      bytes.replaceSubrange(14 + 56..<14 + 60, with: kind.utf8)
      set(bytes.count - 14 + offset, at: 14 + 112)
      set(Pictures.profile().count + count, at: 14 + 116)
      return bytes + Pictures.profile()
    }
    let plain = try ImageFile.read(bytes: Seeds.bmp[1].bytes)
    for (bytes, profile, leftOut) in [
      (file(kind: "DEBM"), Pictures.profile(), []), (file(kind: "BGRs"), nil, []),
      (file(kind: "DEBM", offset: 1), nil, ["a damaged colour profile"]),
      (file(kind: "DEBM", count: 0x7fff_0000), nil, ["a damaged colour profile"]),
    ] as [([UInt8], [UInt8]?, [String])] {
      let image = try ImageFile.read(bytes: bytes)
      #expect(image.samples == plain.samples && image.metadata.iccProfile == profile)
      #expect(try ImageFile.header(bytes: bytes).leftOut == leftOut)
    }
  }

  @Test func aColorBeyondThePaletteIsDamage() {
    var bytes = Seeds.bmp[0].bytes
    bytes[bytes.count - 8] = 16
    #expect(failure(reading: bytes) == .corrupt(.bmp, "a pixel with colour 16 of 16"))
  }
}
