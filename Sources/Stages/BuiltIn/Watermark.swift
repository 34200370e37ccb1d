import Folders
import ImageFiles
import Pixels
import SuperResolution

/// `watermark`: a picture with alpha laid over every picture.
///
/// "Over" with straight alpha (Porter and Duff, "Compositing digital images", SIGGRAPH 1984) on the samples as they
/// are stored. A gray picture stays gray and takes the mark's luma. The picture's depth and metadata stay, and so does
/// its alpha, more opaque where the mark is. A mark that is larger than the picture less its margins is reduced to
/// fit.
/// - Complexity: O(input), plus the mark's resampling
struct Watermark: DeclaredStage {
  static let name = "watermark"
  static let summary = "Lay a picture with alpha over every picture"
  static let options = [
    StageOption(
      "file", .file, isRequired: true, help: "the mark: a PNG, or any other file that Acuity reads"),
    StageOption(
      "position", .choice(Position.allCases.map(\.rawValue)), default: "bottom-right",
      help: "where the mark stands"),
    StageOption(
      "margin", .integer(0...100_000), default: "0", help: "pixels between the mark and the picture's edge"),
    StageOption("opacity", .number(0...1), default: "1", help: "multiplies the mark's own alpha"),
    StageOption("scale", .number(0.01...100), help: "factor of the mark's own size; 1 unless share is given"),
    StageOption(
      "share", .number(0.001...1), help: "the mark's width as a share of the picture's, instead of a scale"),
  ]

  enum Position: String, CaseIterable, Sendable {
    case topLeft = "top-left"
    case top
    case topRight = "top-right"
    case left
    case center
    case right
    case bottomLeft = "bottom-left"
    case bottom
    case bottomRight = "bottom-right"
  }

  private enum Scale: Sendable {
    case ofMark(Double)
    case ofPicture(Double)
  }

  private let mark: Image
  private let position: Position
  private let margin: Int
  private let opacity: Float
  private let scale: Scale

  /// What the user can do about a mark that cannot be read; what concerns how inputs are read does not concern it.
  private static func advice(for error: ImageFileError) -> String? {
    switch error.cause {
    case .cmyk: "save it as RGB"
    case .animated: "save one of its frames by itself"
    default: error.advice
    }
  }

  init(options: StageOptions, environment: StageEnvironment) throws {
    let path = environment.resolve(options.text("file") ?? "")
    do {
      mark = try ImageFile.read(pathBytes: path)
    } catch {
      throw StageError.file(
        stage: Self.name, path: escaped(path),
        reason: Self.advice(for: error).map { "\(error.cause): \($0)" } ?? "\(error.cause)"
      )
    }
    position = options.text("position").flatMap(Position.init) ?? .bottomRight
    margin = options.integer("margin") ?? 0
    opacity = Float(options.number("opacity") ?? 1)
    switch (options.number("scale"), options.number("share")) {
    case (nil, let share?): scale = .ofPicture(share)
    case (let factor, nil): scale = .ofMark(factor ?? 1)
    case (_?, _?):
      throw StageError.conflict(
        stage: Self.name, reason: "scale and share both say how large the mark is; give one of them")
    }
  }

  /// The mark's pixels, whatever file they were in.
  var loadedContent: [UInt8] {
    let form = Array("\(mark.width)x\(mark.height) \(mark.layout) \(mark.samples.depth)\n".utf8)
    switch mark.samples {
    case .uint8(let values): return form + values
    case .uint16(let values): return form + values.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    }
  }

  func workingMemory(for input: Size, layout: Image.Layout) -> Int {
    let size = place(in: input).size
    let resized = size.width * size.height * mark.layout.channels * mark.samples.depth / 8
    let resampling = Image.resamplingMemory(
      from: mark.size, to: size, layout: mark.layout, threads: coreCount())
    return resized + resampling + coreCount() * 5 * input.width * 4
  }

  func process(_ image: Image, context: StageContext) throws -> Image {
    guard opacity > 0 else { return image }
    let (origin, size) = place(in: image.size)
    let filter: ResamplingFilter = size.width < mark.width ? .area : .bicubic
    let mark = try mark.resampled(to: size, filter: filter, context: context)
    return try mark.withRows { mark in
      try image.rewritten { reader, writer in
        try context.forEachBand(rows: image.height) { rows in
          for row in rows {
            let line = row - origin.y
            if (0..<mark.height).contains(line) {
              compose(mark, line, over: reader, row, at: origin.x, writer)
            } else {
              copy(row, reader, writer)
            }
          }
        }
      }
    }
  }

  /// Where the mark goes, always inside the picture, even if that costs some of the margin.
  private func place(in picture: Size) -> (origin: (x: Int, y: Int), size: Size) {
    let wanted =
      switch scale {
      case .ofMark(let factor): Double(mark.width) * factor
      case .ofPicture(let share): Double(picture.width) * share
      }
    let (width, height) = (Double(mark.width), Double(mark.height))
    let room = Size(
      width: max(1, picture.width - 2 * margin), height: max(1, picture.height - 2 * margin))
    let factor = min(wanted / width, Double(room.width) / width, Double(room.height) / height)
    let size = Size(
      width: max(1, min(room.width, Int((width * factor).rounded()))),
      height: max(1, min(room.height, Int((height * factor).rounded()))))
    let (right, bottom) = (picture.width - size.width, picture.height - size.height)
    let x =
      switch position {
      case .topLeft, .left, .bottomLeft: min(margin, right)
      case .top, .center, .bottom: right / 2
      case .topRight, .right, .bottomRight: max(0, right - margin)
      }
    let y =
      switch position {
      case .topLeft, .top, .topRight: min(margin, bottom)
      case .left, .center, .right: bottom / 2
      case .bottomLeft, .bottom, .bottomRight: max(0, bottom - margin)
      }
    return ((x, y), size)
  }

  private func copy(_ row: Int, _ reader: SampleReader, _ writer: SampleWriter) {
    withScratch([reader.width]) { planes in
      let line = planes[0]
      for channel in 0..<reader.layout.channels {
        reader.read(row: row, channel: channel, into: line)
        writer.write(row: row, channel: channel, from: line)
      }
    }
  }

  /// One row: C = (m Cm + b (1 - m) Cb) / (m + b (1 - m)), with m and b the alphas of mark and picture.
  private func compose(
    _ mark: SampleReader, _ line: Int, over reader: SampleReader, _ row: Int, at x: Int,
    _ writer: SampleWriter
  ) {
    let (layout, peak) = (reader.layout, reader.peak)
    let colors = layout.colorChannels
    withScratch([reader.width, reader.width, mark.width, mark.width]) { planes in
      let (samples, below, above, color) = (planes[0], planes[1], planes[2], planes[3])
      if mark.layout.hasAlpha {
        mark.read(row: line, channel: mark.layout.channels - 1, into: above)
        for i in 0..<mark.width { above[i] *= opacity / mark.peak }
      } else {
        for i in 0..<mark.width { above[i] = opacity }
      }
      if layout.hasAlpha {
        reader.read(row: row, channel: colors, into: below)
      } else {
        for i in 0..<reader.width { below[i] = peak }
      }
      for channel in 0..<colors {
        if mark.layout.isGray || !layout.isGray {
          mark.read(row: line, channel: mark.layout.isGray ? 0 : channel, into: color)
        } else {
          mark.readLuma(row: line, into: color)
        }
        reader.read(row: row, channel: channel, into: samples)
        for i in 0..<mark.width where above[i] > 0 {
          let rest = below[x + i] / peak * (1 - above[i])
          let sum = above[i] * color[i] * (peak / mark.peak) + rest * samples[x + i]
          samples[x + i] = sum / (above[i] + rest)
        }
        writer.write(row: row, channel: channel, from: samples)
      }
      if layout.hasAlpha {
        for i in 0..<mark.width { below[x + i] += above[i] * (peak - below[x + i]) }
        writer.write(row: row, channel: colors, from: below)
      }
    }
  }
}
