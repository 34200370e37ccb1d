import Pixels

/// `flatten`: the picture laid on a colour, without its alpha: what JPEG can hold.
///
/// "Over" with straight alpha, as of `watermark`. What is opaque keeps its samples, and so does a picture without alpha;
/// a gray picture stays gray and lies on the colour's luma.
struct Flatten: DeclaredStage {
  static let name = "flatten"
  static let summary = "Lay the picture on a colour, so that it has no alpha, as for JPEG"
  static let options = [
    StageOption("color", .color, default: "white", help: "what shows where the picture does not cover")
  ]

  /// Red, green and blue, 0...1.
  private let color: [Float]

  init(options: StageOptions, environment: StageEnvironment) {
    color = options.color("color") ?? [1, 1, 1]
  }

  func outputLayout(for input: Image.Layout) -> Image.Layout {
    input.withoutAlpha
  }

  private var luma: Float {
    color[1] + LumaConvention.red * (color[0] - color[1]) + LumaConvention.blue * (color[2] - color[1])
  }

  func process(_ image: Image, context: StageContext) throws -> Image {
    guard image.layout.hasAlpha else { return image }
    let below = image.layout.isGray ? [luma] : color
    return try image.rewritten(layout: outputLayout(for: image.layout)) { reader, writer in
      try context.forEachBand(rows: image.height) { rows in
        withScratch([image.width, image.width]) { planes in
          let (samples, alpha) = (planes[0], planes[1])
          for row in rows {
            reader.read(row: row, channel: below.count, into: alpha)
            for (channel, level) in below.enumerated() {
              let level = level * reader.peak
              reader.read(row: row, channel: channel, into: samples)
              for x in 0..<image.width where alpha[x] < reader.peak {
                samples[x] = level + (samples[x] - level) * (alpha[x] / reader.peak)
              }
              writer.write(row: row, channel: channel, from: samples)
            }
          }
        }
      }
    }
  }
}
