import Synchronization
import TestSupport
import Testing

@testable import ImageFiles
@testable import Pixels

/// Pictures that are encoded while their samples come.
@Suite struct IncomingPictureTests {
  /// A picture's bytes in the order in which they are asked for: the rows ahead, then all.
  private final class Source: Sendable {
    private let bytes: [UInt8]
    private let position = Mutex(0)
    /// How many bytes there are before they stop coming.
    private let limit: Int

    init(_ image: Image, ahead: [Range<Int>], limit: Int = .max) {
      let all: [UInt8] =
        switch image.samples {
        case .uint8(let values): values
        case .uint16(let values): values.flatMap { value in withUnsafeBytes(of: value) { Array($0) } }
        }
      let width = all.count / image.height
      bytes = ahead.flatMap { all[$0.lowerBound * width..<$0.upperBound * width] } + all
      self.limit = limit
    }

    var isRead: Bool { position.withLock { $0 } == bytes.count }

    func read(_ room: UnsafeMutableRawBufferPointer) -> Bool {
      position.withLock { position in
        guard position + room.count <= min(bytes.count, limit) else { return false }
        room.copyBytes(from: bytes[position..<position + room.count])
        position += room.count
        return true
      }
    }
  }

  private static func encode(
    _ image: Image, _ format: ImageFormat, _ options: EncodeOptions, limit: Int = .max
  ) throws(ImageFileError) -> (file: [UInt8], count: Int, isRead: Bool) {
    let depth = image.samples.depth
    let source = Source(
      image, ahead: format.rowsAhead(image.size, image.layout, depth: depth, options), limit: limit)
    let picture = IncomingPicture(image.size, image.layout, depth: depth, metadata: image.metadata) {
      source.read($0)
    }
    let file = try ImageFile.encode(picture, as: format, options: options)
    return (file.bytes, file.count, source.isRead)
  }

  private static func check(_ image: Image, _ format: ImageFormat, _ options: EncodeOptions) throws {
    let made = try encode(image, format, options)
    let isSame = try made.file == ImageFile.encode(image, as: format, options: options)
    #expect(isSame, "\(image.size) \(image.layout) \(format) \(options)")
    #expect(made.isRead && made.count == made.file.count)
  }

  /// Waves with some noise, for which no search pays; and a tile over and over, for which it does.
  private static func pictures(_ size: Size, _ layout: Image.Layout, _ depth: Int) -> [Image] {
    let noise = TestPicture.noise(width: size.width, height: size.height, layout: layout, depth: depth).values
    let row = size.width * layout.channels
    return [{ $0 / 3 + $0 / row + noise[$0] % 4 }, { noise[$0 % row % 40] }].map { (value: (Int) -> Int) in
      let samples: Image.Samples =
        depth == 16
        ? .uint16(noise.indices.map { UInt16(truncatingIfNeeded: 200 * value($0)) })
        : .uint8(noise.indices.map { UInt8(truncatingIfNeeded: value($0)) })
      return Image(width: size.width, height: size.height, layout: layout, samples: samples)
    }
  }

  /// Of many pieces, of one, of a single row, and so small that the sample is all of it.
  @Test(arguments: [Image.Layout.gray, .grayAlpha, .rgb, .rgba], [8, 16])
  func theFileIsTheSame(layout: Image.Layout, depth: Int) throws {
    for size in [(500, 400), (300, 40), (900, 1), (5, 3)].map({ Size(width: $0.0, height: $0.1) }) {
      for var image in Self.pictures(size, layout, depth) {
        image.metadata.resolution = .init(x: 3000, y: 4000, unit: .meter)
        for threads in [1, 3] {
          var options = EncodeOptions(pngLevel: 2)
          options.threads = threads
          try Self.check(image, .png, options)
        }
      }
    }
  }

  @Test(arguments: [0, 1, 6, 7]) func atEveryKindOfLevel(level: Int) throws {
    for image in Self.pictures(Size(width: 260, height: 400), .rgb, 8) {
      try Self.check(image, .png, EncodeOptions(pngLevel: level))
    }
  }

  /// Rows of which not even some are kept.
  @Test func wideRowsAreTakenAsAWhole() throws {
    let image = Self.pictures(Size(width: 1 << 20, height: 2), .grayAlpha, 8)[0]
    #expect(ImageFormat.png.rowsAhead(image.size, image.layout, depth: 8, EncodeOptions()).isEmpty)
    try Self.check(image, .png, EncodeOptions())
  }

  /// The sample is of the beginning, the middle and the end.
  @Test func rowsAheadAreOfTheWholePicture() throws {
    let size = Size(width: 300, height: 900)
    let ahead = ImageFormat.png.rowsAhead(size, .rgb, depth: 8, EncodeOptions())
    #expect(ahead.count == 3 && ahead[0].lowerBound == 0 && (895...900).contains(ahead[2].upperBound))
    #expect(ahead.allSatisfy { $0.count == 36 })
  }

  /// Formats that need all samples, with an alpha that is left out and with metadata that are.
  @Test(arguments: [ImageFormat.jpeg, .webp]) func otherFormatsGetItAsAWhole(format: ImageFormat) throws {
    for layout in [Image.Layout.rgb, .gray] {
      try Self.check(
        Self.pictures(Size(width: 90, height: 70), layout, 8)[0], format, EncodeOptions(quality: 90))
    }
    var opaque = TestPicture.smooth(width: 30, height: 20, layout: .rgb, depth: 8).withAlpha(255)
    opaque.metadata.resolution = .init(x: 3000, y: 4000, unit: .meter)
    try Self.check(opaque, format, EncodeOptions(metadata: .strip))
    #expect(throws: ImageFileError.self) {
      try Self.encode(opaque.withAlpha(7), .jpeg, EncodeOptions())
    }
  }

  @Test func metadataAreLeftOutOnRequest() throws {
    var image = Self.pictures(Size(width: 300, height: 200), .rgb, 8)[0]
    image.metadata.resolution = .init(x: 3000, y: 4000, unit: .meter)
    try Self.check(image, .png, EncodeOptions(metadata: .strip))
  }

  /// At every place: in the sample, between pieces, at the end.
  @Test(arguments: [0, 1, 90_000, 120_000, 400_000, 590_000], [0, 1])
  func samplesThatDoNotComeAreAnError(limit: Int, kind: Int) throws {
    let image = Self.pictures(Size(width: 400, height: 500), .rgb, 8)[kind]
    for level in [0, 6] {
      var options = EncodeOptions(pngLevel: level)
      options.threads = 2
      do throws(ImageFileError) {
        _ = try Self.encode(image, .png, options, limit: limit)
        Issue.record("encoded")
      } catch {
        #expect(error.cause == .encodingFailed(.png, "its samples do not come"))
      }
    }
  }

  @Test func whatIsWrongIsSaidBeforeAnythingIsRead() throws {
    let image = TestPicture.noise(width: 30, height: 20, layout: .rgb, depth: 8)
    #expect(throws: ImageFileError.self) {
      try Self.encode(image, .png, EncodeOptions(pngLevel: 11), limit: 0)
    }
  }
}

extension Image {
  /// The same colours with one alpha everywhere.
  fileprivate func withAlpha(_ alpha: Int) -> Image {
    let channels = layout.channels
    let values = (0..<width * height).flatMap { pixel -> [UInt8] in
      guard case .uint8(let values) = samples else { return [] }
      let colors = values[pixel * channels..<(pixel + 1) * channels].prefix(layout.colorChannels)
      return colors + [UInt8(alpha)]
    }
    return Image(
      width: width, height: height, layout: layout.isGray ? .grayAlpha : .rgba, samples: .uint8(values),
      metadata: metadata)
  }
}
