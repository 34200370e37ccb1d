import ImageFiles
import Pixels
import TestSupport
import Testing

@Suite struct EncodingTests {
  /// A WebP has no gray, and a profile of gray says nothing of its three channels.
  @Test func aGrayProfileStaysOutOfWebPAlone() throws {
    func profile(_ space: String) -> [UInt8] {
      [UInt8](repeating: 0, count: 16) + Array(space.utf8) + [UInt8](repeating: 0, count: 200)
    }
    var image = TestPicture.smooth(width: 12, height: 9, layout: .gray, depth: 8)
    for space in ["GRAY", "RGB "] {
      image.metadata.iccProfile = profile(space)
      for format in [ImageFormat.png, .jpeg, .webp] {
        let kept = try ImageFile.read(bytes: ImageFile.encode(image, as: format)).metadata.iccProfile
        #expect(kept == (format == .webp && space == "GRAY" ? nil : profile(space)), "\(format) \(space)")
      }
    }
  }

  @Test(arguments: [ImageFormat.jpeg, .webp]) func aHigherQualityTakesMoreBytes(format: ImageFormat) throws {
    let image = TestPicture.noise(width: 64, height: 48, layout: .rgb, depth: 8)
    let sizes = try [40, 80, 95].map {
      try ImageFile.encode(image, as: format, options: EncodeOptions(quality: $0)).count
    }
    #expect(sizes[0] < sizes[1] && sizes[1] < sizes[2], "\(sizes)")
  }

  // MARK: - PNG

  @Test(arguments: 0...9) func everyPNGLevelKeepsEverySample(level: Int) throws {
    for (layout, depth) in [(Image.Layout.rgb, 8), (.gray, 16), (.rgba, 8)] {
      for image in [
        TestPicture.noise(width: 61, height: 47, layout: layout, depth: depth),
        TestPicture.smooth(width: 61, height: 47, layout: layout, depth: depth),
        Self.repeated(width: 200, height: 300, layout: layout, depth: depth),
      ] {
        let bytes = try ImageFile.encode(image, as: .png, options: EncodeOptions(pngLevel: level))
        let isSame = try ImageFile.read(bytes: bytes) == image
        #expect(isSame)
      }
    }
  }

  /// Also of what is best compressed without a search, as photographs are.
  @Test func level0IsNotCompressed() throws {
    let (width, height) = (120, 90)
    let noise = TestPicture.noise(width: width, height: height, layout: .gray, depth: 8).values
    let samples = noise.indices.map { UInt8($0 % width + $0 / width + noise[$0] % 4) }
    let image = Image(width: width, height: height, layout: .gray, samples: .uint8(samples))
    func size(_ level: Int) throws -> Int {
      try ImageFile.encode(image, as: .png, options: EncodeOptions(pngLevel: level)).count
    }
    #expect(try size(0) > width * height && size(1) < width * height / 2)
  }

  @Test func repetitionsAreFoundWhereThereAreSome() throws {
    // Noise, but the same in every row and again every 40 pixels: no runs, only repetitions.
    let image = Self.repeated(width: 400, height: 900, layout: .rgb, depth: 8)
    let bytes = try ImageFile.encode(image, as: .png)
    #expect(bytes.count < 400 * 900 * 3 / 20)
    // Also where other threads have begun to do without the search.
    var options = EncodeOptions()
    options.threads = 3
    let isSame = try ImageFile.encode(image, as: .png, options: options) == bytes
    #expect(isSame)
  }

  /// A search that makes photographs a few hundredths smaller takes twenty times as long: only the highest levels make it.
  @Test func aSearchThatSavesLittleIsLeftOut() throws {
    // Noise, but for one row in eight.
    let (width, height) = (200, 300)
    let noise = TestPicture.noise(width: width, height: height, layout: .rgb, depth: 8).values
    let samples = noise.indices.map { UInt8(noise[$0 / (3 * width) % 8 == 0 ? $0 % (3 * width) : $0]) }
    let image = Image(width: width, height: height, layout: .rgb, samples: .uint8(samples))
    let files = try [1, 6, 9].map {
      try ImageFile.encode(image, as: .png, options: EncodeOptions(pngLevel: $0))
    }
    // The level is that of the search.
    let isSame = files[0] == files[1]
    #expect(isSame)
    #expect(files[2].count < files[1].count * 24 / 25)
  }

  @Test func theHighestLevelIsNeverLarger() throws {
    for image in [
      TestPicture.smooth(width: 150, height: 150, layout: .rgb, depth: 8),
      Self.repeated(width: 150, height: 150, layout: .rgb, depth: 8),
      TestPicture.noise(width: 150, height: 150, layout: .rgb, depth: 8),
    ] {
      let sizes = try [1, 6, 9].map {
        try ImageFile.encode(image, as: .png, options: EncodeOptions(pngLevel: $0)).count
      }
      #expect(sizes[2] <= sizes[0] && sizes[2] <= sizes[1])
    }
  }

  private static func repeated(width: Int, height: Int, layout: Image.Layout, depth: Int) -> Image {
    let tile = TestPicture.noise(width: 40, height: 1, layout: layout, depth: depth).values
    let channels = layout.channels
    let samples = (0..<width * height).flatMap { pixel in
      let x = pixel % width % 40
      return tile[x * channels..<(x + 1) * channels]
    }
    return Image(
      width: width, height: height, layout: layout,
      samples: depth == 16 ? .uint16(samples.map { UInt16($0) }) : .uint8(samples.map { UInt8($0) }))
  }

  // MARK: - JPEG

  /// The frame header's code and sampling factors, and how many scans there are.
  private static func frame(_ bytes: [UInt8]) throws -> (code: UInt8, factors: [UInt8], scans: Int) {
    let start = try #require(
      bytes.indices.dropLast(20).first {
        bytes[$0] == 0xff && [0xc0, 0xc1, 0xc2].contains(bytes[$0 + 1]) && bytes[$0 + 2] == 0
      })
    let count = Int(bytes[start + 9])
    let scans = bytes.indices.dropLast().count { bytes[$0] == 0xff && bytes[$0 + 1] == 0xda }
    return (bytes[start + 1], (0..<count).map { bytes[start + 11 + 3 * $0] }, scans)
  }

  @Test func colorsAreAtFullResolutionFromQuality90() throws {
    let image = TestPicture.smooth(width: 33, height: 20, layout: .rgb, depth: 8)
    for (quality, luma) in [(1, 0x22), (89, 0x22), (90, 0x11), (95, 0x11), (100, 0x11)] as [(Int, UInt8)] {
      let bytes = try ImageFile.encode(image, as: .jpeg, options: EncodeOptions(quality: quality))
      #expect(try Self.frame(bytes).factors == [luma, 0x11, 0x11])
      #expect(try ImageFile.read(bytes: bytes).size == image.size)
    }
  }

  /// The counts of codes of each length, in the standard's tables K.3 to K.6.
  private static let standardTables: [[UInt8]] = [
    [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
    [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125], [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
  ]

  @Test func codesAreThoseThatThePictureNeeds() throws {
    let image = TestPicture.smooth(width: 64, height: 64, layout: .rgb, depth: 8)
    let bytes = try ImageFile.encode(image, as: .jpeg)
    let tables = bytes.indices.dropLast(21).filter { bytes[$0] == 0xff && bytes[$0 + 1] == 0xc4 }.map {
      Array(bytes[$0 + 5..<$0 + 21])
    }
    #expect(tables.count >= 2)
    #expect(tables.allSatisfy { !Self.standardTables.contains($0) })
  }

  @Test func progressiveIsAChoice() throws {
    let image = TestPicture.smooth(width: 64, height: 64, layout: .rgb, depth: 8)
    let baseline = try ImageFile.encode(image, as: .jpeg)
    let progressive = try ImageFile.encode(image, as: .jpeg, options: EncodeOptions(progressive: true))
    #expect(try Self.frame(baseline).code == 0xc0 && Self.frame(baseline).scans == 1)
    #expect(try Self.frame(progressive).code == 0xc2 && Self.frame(progressive).scans > 3)
    // The same coefficients.
    #expect(try ImageFile.read(bytes: progressive) == ImageFile.read(bytes: baseline))
  }

  @Test func grayIsOneComponent() throws {
    let image = TestPicture.smooth(width: 33, height: 20, layout: .gray, depth: 8)
    #expect(try Self.frame(ImageFile.encode(image, as: .jpeg)).factors.count == 1)
  }

  @Test(arguments: [ImageFormat.jpeg, .webp]) func sixteenBitsAreRoundedToEight(format: ImageFormat) throws {
    let wide = TestPicture.smooth(width: 33, height: 20, layout: .rgb, depth: 16)
    let narrow = Image(
      width: 33, height: 20, layout: .rgb,
      samples: .uint8(wide.values.map { UInt8((Double($0) / 257).rounded()) }))
    let options = EncodeOptions(lossless: true)
    #expect(
      try ImageFile.encode(wide, as: format, options: options)
        == ImageFile.encode(narrow, as: format, options: options))
  }

  // MARK: - WebP

  @Test func losslessKeepsColorsUnderTransparency() throws {
    var samples = TestPicture.noise(width: 30, height: 20, layout: .rgba, depth: 8).values.map { UInt8($0) }
    for pixel in 0..<300 { samples[4 * pixel + 3] = 0 }
    let image = Image(width: 30, height: 20, layout: .rgba, samples: .uint8(samples))
    let bytes = try ImageFile.encode(image, as: .webp, options: EncodeOptions(lossless: true))
    #expect(try ImageFile.read(bytes: bytes) == image)
  }

  @Test func lossyStaysClose() throws {
    let image = TestPicture.smooth(width: 64, height: 48, layout: .rgba, depth: 8)
    let read = try ImageFile.read(bytes: ImageFile.encode(image, as: .webp))
    #expect(read.layout == .rgba && TestPicture.greatestDifference(read, image) <= 12)
  }

  // MARK: - Refusals

  @Test func whatAFormatCannotHoldIsRefusedBeforehand() {
    let cases: [(ImageFormat, Size, Image.Layout, String)] = [
      (.webp, Size(width: 16_384, height: 1), .rgb, "write PNG"),
      (.webp, Size(width: 1, height: 16_384), .rgb, "write PNG"),
      (.jpeg, Size(width: 65_536, height: 1), .rgb, "write PNG"),
      (.jpeg, Size(width: 1, height: 1), .rgba, "write PNG"),
      (.jpeg, Size(width: 1, height: 1), .grayAlpha, "or WebP"),
      (.bmp, Size(width: 1, height: 1), .rgb, "write PNG"),
      (.png, Size(width: 0, height: 1), .rgb, "target size"),
    ]
    for (format, size, layout, wayOut) in cases {
      let error = #expect(throws: ImageFileError.self) { try format.check(size: size, layout: layout) }
      #expect(error?.description.contains(wayOut) == true)
    }
    #expect(throws: Never.self) {
      try ImageFormat.webp.check(size: Size(width: 16_383, height: 16_383), layout: .rgba)
      try ImageFormat.jpeg.check(size: Size(width: 65_500, height: 65_500), layout: .rgb)
    }
  }

  @Test(arguments: [Image.Layout.rgba, .grayAlpha], [8, 16])
  func anAlphaThatSaysNothingIsNoObstacle(layout: Image.Layout, depth: Int) throws {
    let noise = TestPicture.noise(width: 7, height: 5, layout: layout, depth: depth)
    func picture(lastAlpha: Int) -> Image {
      let values = noise.values.enumerated().map { index, value in
        let isAlpha = index % layout.channels == layout.channels - 1
        return !isAlpha ? value : index == noise.values.count - 1 ? lastAlpha : (1 << depth) - 1
      }
      return Image(
        width: 7, height: 5, layout: layout,
        samples: depth == 8 ? .uint8(values.map { UInt8($0) }) : .uint16(values.map { UInt16($0) }))
    }
    let opaque = picture(lastAlpha: (1 << depth) - 1)
    let colors = opaque.withoutOpaqueAlpha()
    #expect(colors.layout == (layout == .rgba ? .rgb : .gray))
    #expect(
      colors.samples.values
        == opaque.samples.values.enumerated().filter { ($0.offset + 1) % layout.channels != 0 }.map(\.element)
    )
    #expect(
      try ImageFile.encode(opaque, as: .jpeg) == ImageFile.encode(colors, as: .jpeg))
    #expect(try ImageFile.read(bytes: ImageFile.encode(opaque, as: .png)) == opaque)
    // 16 bits are rounded to 8, in a WebP too.
    let least = depth == 16 ? 65_407 : 255
    #expect(picture(lastAlpha: least).withoutOpaqueAlpha() == colors)
    let transparent = picture(lastAlpha: least - 1)
    for (picture, hasAlpha) in [(picture(lastAlpha: least), false), (transparent, true)] {
      let webp = try ImageFile.encode(picture, as: .webp, options: EncodeOptions(lossless: true))
      #expect(try ImageFile.header(bytes: webp).layout.hasAlpha == hasAlpha)
    }
    #expect(transparent.withoutOpaqueAlpha() == transparent)
    #expect(throws: ImageFileError.self) { try ImageFile.encode(transparent, as: .jpeg) }
  }

  @Test func optionsOutOfRangeAreNamed() {
    let image = TestPicture.noise(width: 2, height: 2, layout: .rgb, depth: 8)
    for options in [
      EncodeOptions(pngLevel: -1), EncodeOptions(pngLevel: 10), EncodeOptions(quality: 0),
      EncodeOptions(quality: 101),
    ] {
      let error = #expect(throws: ImageFileError.self) {
        try ImageFile.encode(image, as: .png, options: options)
      }
      guard case .invalidOption? = error?.cause else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }
}
