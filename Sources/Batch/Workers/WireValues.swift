import Acuity

// How the values of a codec's work are written and read; each pair stands together.

extension WireWriter {
  mutating func append(_ limits: Limits) {
    append(limits.maxPixels)
    append(limits.maxDimension)
    append(limits.maxFileSize)
  }

  mutating func append(_ options: ReadOptions) {
    append(options.cmyk.rawValue)
    append(options.animation.rawValue)
    append(options.acceptsDamage)
  }

  mutating func append(_ options: EncodeOptions) {
    append(options.pngLevel)
    append(options.quality)
    append(options.progressive)
    append(options.lossless)
    append(options.metadata.rawValue)
    append(options.threads)
  }

  mutating func append(_ format: ImageFormat) { append(format.name) }

  mutating func append(_ size: Size) {
    append(size.width)
    append(size.height)
  }

  mutating func append(_ layout: Image.Layout) {
    append(Image.Layout.allCases.firstIndex(of: layout) ?? 0)
  }

  mutating func append(_ metadata: Metadata) {
    append(metadata.iccProfile) { $0.append($1) }
    append(metadata.exif) { $0.append($1) }
    append(metadata.xmp) { $0.append($1) }
    append(metadata.extendedXMP) { $0.append($1) }
    append(metadata.iptc) { $0.append($1) }
    append(metadata.resolution) { writer, resolution in
      writer.append(resolution.x)
      writer.append(resolution.y)
      writer.append(Self.units.firstIndex(of: resolution.unit) ?? 0)
    }
    append(metadata.pngColor) { $0.append($1) }
  }

  fileprivate static let units: [Metadata.Resolution.Unit] = [.meter, .inch, .aspectRatio]
}

extension WireReader {
  mutating func limits() throws(WireError) -> Limits {
    Limits(maxPixels: try int(), maxDimension: try int(), maxFileSize: try int())
  }

  mutating func readOptions() throws(WireError) -> ReadOptions {
    guard let cmyk = ReadOptions.CMYK(rawValue: try text()),
      let animation = ReadOptions.Animation(rawValue: try text())
    else { throw WireError() }
    return ReadOptions(cmyk: cmyk, animation: animation, acceptsDamage: try bool())
  }

  mutating func encodeOptions() throws(WireError) -> EncodeOptions {
    let (level, quality) = (try int(), try int())
    let (progressive, lossless) = (try bool(), try bool())
    guard let metadata = EncodeOptions.MetadataPolicy(rawValue: try text()) else { throw WireError() }
    var options = EncodeOptions(
      pngLevel: level, quality: quality, progressive: progressive, lossless: lossless, metadata: metadata)
    options.threads = try int()
    return options
  }

  mutating func format() throws(WireError) -> ImageFormat {
    guard let format = ImageFormat(named: try text()) else { throw WireError() }
    return format
  }

  mutating func size() throws(WireError) -> Size {
    Size(width: try int(), height: try int())
  }

  mutating func layout() throws(WireError) -> Image.Layout {
    Image.Layout.allCases[try int(0...Image.Layout.allCases.count - 1)]
  }

  mutating func metadata() throws(WireError) -> Metadata {
    Metadata(
      iccProfile: try optional { reader throws(WireError) in try reader.array() },
      exif: try optional { reader throws(WireError) in try reader.array() },
      xmp: try optional { reader throws(WireError) in try reader.array() },
      extendedXMP: try optional { reader throws(WireError) in try reader.array() },
      iptc: try optional { reader throws(WireError) in try reader.array() },
      resolution: try optional { reader throws(WireError) in
        Metadata.Resolution(
          x: try reader.double(), y: try reader.double(),
          unit: WireWriter.units[try reader.int(0...WireWriter.units.count - 1)])
      },
      pngColor: try optional { reader throws(WireError) in try reader.array() })
  }
}
