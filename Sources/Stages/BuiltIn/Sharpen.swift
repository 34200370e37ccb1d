import Pixels
import SuperResolution

/// `sharpen`: an unsharp mask on luma.
///
/// The luma's difference from its Gaussian blur, times `amount`, is added to every colour channel alike, so that
/// edges get no coloured fringes. Differences within `threshold` are left alone, larger ones lose that much, so that
/// noise isn't sharpened and no step appears. Where alpha isn't opaque, the blur weighs pixels by their alpha: hidden
/// colours don't show. Alpha itself is untouched.
/// - Complexity: O(pixels x radius); bands of 32 rows with their surroundings are in memory at a time.
struct Sharpen: DeclaredStage {
  static let name = "sharpen"
  static let summary = "Sharpen by an unsharp mask on luma"
  static let options = [
    StageOption("amount", .number(0...5), default: "0.5", help: "how much of the detail is added"),
    StageOption(
      "radius", .number(0.1...10), default: "1", help: "standard deviation of the blur in pixels"),
    StageOption(
      "threshold", .number(0...1), default: "0",
      help: "contrast left alone, as a share of the full range: 0.02 is about 5 of 255"),
  ]

  private let amount: Float
  private let threshold: Float
  private let kernel: [Float]

  init(options: StageOptions, environment: StageEnvironment) {
    amount = Float(options.number("amount") ?? 0)
    threshold = Float(options.number("threshold") ?? 0)
    kernel = gaussian(options.number("radius") ?? 1)
  }

  func workingMemory(for input: Size, layout: Image.Layout) -> Int {
    coreCount() * Band.floats(width: input.width, rows: 32, reach: kernel.count / 2).reduce(0, +) * 4
  }

  func process(_ image: Image, context: StageContext) throws -> Image {
    guard amount > 0 else { return image }
    let isWeighted = image.layout.hasAlpha
    return try image.rewritten { reader, writer in
      try context.forEachBand(rows: image.height) { rows in
        let band = Band(rows: rows, width: image.width, kernel: kernel)
        band.with(reader, isWeighted: isWeighted) { row, detail, scratch in
          let threshold = threshold * reader.peak
          for x in 0..<image.width {
            let size = max(0, abs(detail[x]) - threshold)
            detail[x] = amount * (detail[x] < 0 ? -size : size)
          }
          for channel in 0..<image.layout.channels {
            reader.read(row: row, channel: channel, into: scratch)
            if channel < image.layout.colorChannels {
              for x in 0..<image.width { scratch[x] += detail[x] }
            }
            writer.write(row: row, channel: channel, from: scratch)
          }
        }
      }
    }
  }
}

/// A Gaussian's taps out to three standard deviations, adding up to 1.
private func gaussian(_ deviation: Double) -> [Float] {
  gaussianTaps(deviation: deviation, reach: max(1, Int((3 * deviation).rounded(.up)))).map { Float($0) }
}

/// The luma of some rows and its difference from the blurred luma.
private struct Band {
  var rows: Range<Int>
  var width: Int
  var kernel: [Float]

  /// The blurred luma and weights, a row of each with its surroundings, and four rows.
  static func floats(width: Int, rows: Int, reach: Int) -> [Int] {
    let (plane, padded) = ((rows + 2 * reach) * width, width + 2 * reach)
    return [plane, plane, padded, padded, width, width, width, width]
  }

  /// Calls `body` with each row's luma minus blurred luma, which it may overwrite, and a scratch row.
  func with(
    _ reader: SampleReader, isWeighted: Bool,
    _ body: (Int, _ detail: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>) -> Void
  ) {
    let reach = kernel.count / 2
    let count = rows.count + 2 * reach
    withScratch(Self.floats(width: width, rows: rows.count, reach: reach)) { planes in
      // Blurred along rows: the luma times its weight, and the weight.
      let (blurred, weights) = (planes[0], planes[1])
      let (line, alpha) = (planes[2] + reach, planes[3] + reach)
      let (luma, detail, scratch, total) = (planes[4], planes[5], planes[6], planes[7])
      for index in 0..<count {
        let row = rows.lowerBound - reach + index
        reader.readLuma(row: row, into: line)
        if isWeighted {
          reader.read(row: row, channel: reader.layout.channels - 1, into: alpha)
          for x in 0..<width { line[x] *= alpha[x] }
          convolve(alpha, into: weights + index * width)
        }
        convolve(line, into: blurred + index * width)
      }
      for row in rows {
        sum(blurred, from: row - rows.lowerBound, into: detail)
        if isWeighted {
          sum(weights, from: row - rows.lowerBound, into: total)
          reader.readLuma(row: row, into: luma)
          for x in 0..<width { detail[x] = total[x] > 0 ? luma[x] - detail[x] / total[x] : 0 }
        } else {
          reader.readLuma(row: row, into: luma)
          for x in 0..<width { detail[x] = luma[x] - detail[x] }
        }
        body(row, detail, scratch)
      }
    }
  }

  /// Blurs along a row, whose ends are repeated outward in place.
  private func convolve(_ line: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    let reach = kernel.count / 2
    for x in 1...reach {
      line[-x] = line[0]
      line[width - 1 + x] = line[width - 1]
    }
    for x in 0..<width { target[x] = 0 }
    for (index, tap) in kernel.enumerated() {
      let source = line + (index - reach)
      for x in 0..<width { target[x] += tap * source[x] }
    }
  }

  /// Blurs down the columns.
  private func sum(
    _ plane: UnsafeMutablePointer<Float>, from first: Int, into target: UnsafeMutablePointer<Float>
  ) {
    for x in 0..<width { target[x] = 0 }
    for (index, tap) in kernel.enumerated() {
      let source = plane + (first + index) * width
      for x in 0..<width { target[x] += tap * source[x] }
    }
  }
}
