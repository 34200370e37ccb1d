import Acuity

/// First inputs, made by Acuity itself: small, and one for each branch that is worth a start.
public enum Seeds {
  public typealias Named = [(name: String, bytes: [UInt8])]

  public static var all: [(parser: String, seeds: Named)] {
    [("PNG", png), ("JPEG", jpeg), ("WebP", webP), ("Model", models), ("Stages", stages)]
  }

  public static func probe(_ parser: String, _ bytes: [UInt8]) {
    switch parser {
    case "PNG": Probe.png(bytes)
    case "JPEG": Probe.jpeg(bytes)
    case "WebP": Probe.webP(bytes)
    case "Model": Probe.model(bytes)
    default: Probe.stages(bytes)
    }
  }

  private static var png: Named {
    pictures(.png, depths: [8, 16]) + [
      ("uncompressed", encoded(.png, .rgb, 8) { $0.pngLevel = 0 }),
      // As ImageMagick wrote it: 5 bytes, and a count that is none.
      ("raw-exif", withText("Raw profile type exif\0\nexif\n       5\n4578696600\n")),
      ("raw-xmp", withText("Raw profile type xmp\0\nxmp\n 9223372036854775807\n4578696600\n")),
    ]
  }

  /// A gray PNG with a text behind its first chunk; the probe mends the checksum.
  private static func withText(_ text: String) -> [UInt8] {
    let plain = encoded(.png, .gray, 8) { $0.metadata = .strip }
    let count = text.utf8.count
    let chunk = [0, 0, UInt8(count >> 8), UInt8(count & 0xff)] + Array("tEXt\(text)".utf8) + [0, 0, 0, 0]
    return plain[..<33] + chunk + plain[33...]
  }

  private static var jpeg: Named {
    pictures(.jpeg, depths: [8], layouts: [.gray, .rgb]) + [
      ("progressive", encoded(.jpeg, .rgb, 8) { $0.progressive = true }),
      ("coarse", encoded(.jpeg, .rgb, 8) { $0.quality = 5 }),
      ("extended-xmp", withExtendedXMP),
      ("iptc", withIPTC),
    ]
  }

  private static var withIPTC: [UInt8] {
    var image = picture(.gray, 8)
    image.metadata.iptc = [0x1c, 2, 120, 0, 1, UInt8(ascii: "a")]
    return encoded(image, .jpeg, EncodeOptions())
  }

  private static var withExtendedXMP: [UInt8] {
    var image = picture(.gray, 8)
    image.metadata.xmp = Array("<x xmpNote:HasExtendedXMP='0123456789ABCDEF0123456789ABCDEF'/>".utf8)
    image.metadata.extendedXMP = Array("<y/>".utf8)
    return encoded(image, .jpeg, EncodeOptions())
  }

  private static var webP: Named {
    pictures(.webp, depths: [8], layouts: [.rgb, .rgba]) + [
      ("lossless", encoded(.webp, .rgba, 8) { $0.lossless = true }),
      ("plain", encoded(.webp, .rgb, 8) { $0.metadata = .strip }),
    ]
  }

  private static var models: Named {
    [(1, 1), (2, 3), (3, 2)].map { layers, channels in
      var inputs = 1
      let list = (0..<layers).map { index in
        let outputs = index == layers - 1 ? 1 : channels
        defer { inputs = outputs }
        return Model.Layer(
          inputChannels: inputs, outputChannels: outputs,
          weights: (0..<9 * inputs * outputs).map { Float($0 % 7) / 8 - 0.25 },
          bias: index % 2 == 0 ? [Float](repeating: 0.5, count: outputs) : nil, relu: index < layers - 1)
      }
      guard let model = try? Model(name: "seed", layers: list) else { fatalError("layers that do not fit") }
      return ("\(layers)x\(channels)", model.serialized())
    }
  }

  private static var stages: Named {
    [
      "sharpen:amount=0.3,radius=1", "denoise:strength=0.2, grayscale", "resize:scale=2,filter=area",
      "watermark:file=a\\,b.png,opacity=0.5", "upscale:scale=2,sharpen:amount=0.3,strip-metadata",
      "grayscale,",
      "sharpen:amount=", "=,:\\",
    ].enumerated().map { ("\($0.offset)", Array($0.element.utf8)) }
  }

  // MARK: Pictures

  private static func pictures(
    _ format: ImageFormat, depths: [Int], layouts: [Image.Layout] = Image.Layout.allCases
  ) -> Named {
    depths.flatMap { depth in
      layouts.map { ("\($0)-\(depth)", encoded(format, $0, depth)) }
    }
  }

  private static func encoded(
    _ format: ImageFormat, _ layout: Image.Layout, _ depth: Int,
    _ change: (inout EncodeOptions) -> Void = { _ in }
  ) -> [UInt8] {
    var options = EncodeOptions()
    change(&options)
    return encoded(picture(layout, depth), format, options)
  }

  private static func encoded(_ image: Image, _ format: ImageFormat, _ options: EncodeOptions) -> [UInt8] {
    do {
      return try ImageFile.encode(image, as: format, options: options)
    } catch {
      fatalError("\(error)")
    }
  }

  /// 19x11 pixels with edges and slopes, and every kind of metadata.
  private static func picture(_ layout: Image.Layout, _ depth: Int) -> Image {
    let (width, height) = (19, 11)
    let values = (0..<width * height * layout.channels).map { index in
      let (x, y) = (index / layout.channels % width, index / layout.channels / width)
      return x * 13 + y * 7 + (x > 9 ? 90 : 0) + index % layout.channels * 40
    }
    let samples: Image.Samples =
      depth == 8
      ? .uint8(values.map { UInt8(truncatingIfNeeded: $0) })
      : .uint16(values.map { UInt16(truncatingIfNeeded: $0 * 129) })
    return Image(
      width: width, height: height, layout: layout, samples: samples,
      metadata: Metadata(
        xmp: Array("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>".utf8),
        resolution: Metadata.Resolution(x: 300, y: 300, unit: .inch)))
  }
}
