import Pixels

/// What the header of a colour profile (ICC.1:2022, 7.2) says, for profiles that readers would use.
struct ICCProfile {
  /// As many as the header says. What lies behind, such as padding, is ignored by some readers; libpng refuses the profile for it.
  let bytes: [UInt8]
  /// The colours whose values it explains, as four letters.
  private let colorSpace: [UInt8]

  private static let headerLength = 128
  private static let colorSpacePosition = 16
  private static let signaturePosition = 36

  /// - Returns: nil when `bytes` are no profile, or the beginning of one.
  init?(_ bytes: [UInt8]) {
    let content = Content(bytes)
    var reader = ByteReader(content)
    guard let length = reader.bigEndian32(), length > Self.headerLength, length <= bytes.count,
      content.has("acsp", at: Self.signaturePosition)
    else { return nil }
    self.bytes = Array(bytes[..<length])
    colorSpace = content[Self.colorSpacePosition..<Self.colorSpacePosition + 4]
  }

  var isGray: Bool { colorSpace.elementsEqual("GRAY".utf8) }

  /// Whether it explains the values of such pictures; gray ones are pictures in RGB too, whose three values are equal.
  func fits(_ layout: Image.Layout) -> Bool {
    colorSpace.elementsEqual("RGB ".utf8) || layout.isGray && isGray
  }
}
