import Pixels

/// `grayscale`: the luma of the picture as its only colour channel.
struct Grayscale: DeclaredStage {
  static let name = "grayscale"
  static let summary = "Turn colour into gray (BT.601 luma); alpha stays"
  static let options: [StageOption] = []

  init(options: StageOptions, environment: StageEnvironment) {}

  func outputLayout(for input: Image.Layout) -> Image.Layout {
    input.hasAlpha ? .grayAlpha : .gray
  }

  func outputMetadata(for input: Metadata, size: Size, layout: Image.Layout) -> Metadata {
    var output = input
    // A colour profile doesn't describe gray samples; readers refuse or ignore a file that says it does.
    if !layout.isGray { output.iccProfile = nil }
    return output
  }

  func process(_ image: Image, context: StageContext) throws -> Image {
    guard !image.layout.isGray else { return image }
    var output = try image.rewritten(layout: outputLayout(for: image.layout)) { reader, writer in
      try context.forEachBand(rows: image.height) { rows in
        withScratch([image.width]) { planes in
          let luma = planes[0]
          for row in rows {
            reader.readLuma(row: row, into: luma)
            writer.write(row: row, channel: 0, from: luma)
            if writer.layout.hasAlpha {
              reader.read(row: row, channel: 3, into: luma)
              writer.write(row: row, channel: 1, from: luma)
            }
          }
        }
      }
    }
    output.metadata = outputMetadata(for: image.metadata, size: image.size, layout: image.layout)
    return output
  }
}
