import ImageFiles
import Pixels
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

  @Test func aColorBeyondThePaletteIsDamage() {
    var bytes = Seeds.bmp[0].bytes
    bytes[bytes.count - 8] = 16
    #expect(failure(reading: bytes) == .corrupt(.bmp, "a pixel with colour 16 of 16"))
  }
}
