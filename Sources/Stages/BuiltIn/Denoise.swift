import Pixels
import SuperResolution

/// `denoise`: non-local means over a small window.
///
/// A pixel becomes the mean of the pixels around it whose 3x3 surroundings look alike in all colour channels, which
/// smooths noise and leaves edges and texture (Buades, Coll and Morel, "A non-local algorithm for image denoising",
/// CVPR 2005, section 3). The weight of a pixel falls with the mean squared difference of the surroundings, less what
/// noise of the stated strength explains, and reaches zero at a finite difference (the bisquare of Goossens et al.,
/// "An improved non-local denoising algorithm", LNLA 2008), so that unlike pixels have no say at all.
/// Pixels count by their alpha, and colours under fully transparent ones have no influence on visible ones; alpha itself is
/// untouched.
/// - Complexity: O(pixels x channels x 49)
struct Denoise: DeclaredStage {
  static let name = "denoise"
  static let summary = "Smooth noise and keep edges (small non-local means)"
  static let options = [
    StageOption(
      "strength", .number(0...50), default: "5",
      help: "the noise's standard deviation, in steps of 255: 3 for light grain, 15 for a dark phone picture")
  ]

  /// Pixels are sought this far, and compared this far around themselves.
  private static let window = 3
  private static let patch = 1
  private static let reach = window + patch

  private let strength: Float

  init(options: StageOptions, environment: StageEnvironment) {
    strength = Float(options.number("strength") ?? 0)
  }

  var relativeCost: Double { 50 }

  func workingMemory(for input: Size, layout: Image.Layout) -> Int {
    // The copy of the picture whose hidden colours are replaced, and the coarser levels that this needs.
    let bleeding = layout.hasAlpha ? input.width * input.height * layout.channels * 2 * 4 / 3 : 0
    return bleeding + coreCount() * Self.floats(width: input.width, rows: 32, layout: layout).reduce(0, +) * 4
  }

  /// Of a band: its samples with their surroundings, a plane of differences, a row of their sums; the weights, and the sum of
  /// every colour.
  private static func floats(width: Int, rows: Int, layout: Image.Layout) -> [Int] {
    let stride = width + 2 * reach
    return [
      layout.channels * (rows + 2 * reach) * stride, (rows + 2 * patch) * stride, stride, rows * width,
      layout.colorChannels * rows * width,
    ]
  }

  func process(_ image: Image, context: StageContext) throws -> Image {
    guard strength > 0 else { return image }
    // Surroundings are compared whole: what nobody sees must look like what stands beside it.
    let visible = image.isOpaque ? image : image.edgeBled()
    return try visible.rewritten { reader, writer in
      try context.forEachBand(rows: image.height) { rows in
        denoise(rows, reader, writer)
      }
    }
  }

  private func denoise(_ rows: Range<Int>, _ reader: SampleReader, _ writer: SampleWriter) {
    let (width, channels, reach) = (reader.width, reader.layout.channels, Self.reach)
    let colors = reader.layout.colorChannels
    let stride = width + 2 * reach
    let plane = (rows.count + 2 * reach) * stride
    withScratch(Self.floats(width: width, rows: rows.count, layout: reader.layout)) { planes in
      let (samples, difference, column) = (planes[0], planes[1], planes[2])
      let (weights, sums) = (planes[3], planes[4])
      // The rows with their surroundings; the picture's border is repeated outward.
      for channel in 0..<channels {
        for row in 0..<rows.count + 2 * reach {
          let line = samples + channel * plane + row * stride + reach
          reader.read(row: rows.lowerBound - reach + row, channel: channel, into: line)
          for x in 1...reach {
            line[-x] = line[0]
            line[width - 1 + x] = line[width - 1]
          }
        }
      }
      let alpha = reader.layout.hasAlpha ? samples + colors * plane : nil
      let variance = strength * strength * (reader.peak / 255) * (reader.peak / 255)
      for dy in -Self.window...Self.window {
        for dx in -Self.window...Self.window {
          squaredDifferences(
            samples, into: difference, rows: rows.count, stride: stride, plane: plane, colors: colors,
            shift: dy * stride + dx)
          for row in 0..<rows.count {
            let above = difference + row * stride
            for x in 0..<stride { column[x] = above[x] + above[stride &+ x] + above[2 &* stride &+ x] }
            let shifted = (row + reach + dy) * stride + reach + dx
            accumulate(
              column + (reach - 1), samples: samples + shifted, plane: plane,
              alpha: alpha.map { $0 + shifted },
              weights: weights + row * width, sums: sums + row * width, sumPlane: rows.count * width,
              width: width, colors: colors, variance: variance)
          }
        }
      }
      for row in 0..<rows.count {
        let total = weights + row * width
        for channel in 0..<colors {
          let sum = sums + channel * rows.count * width + row * width
          let own = samples + channel * plane + (row + reach) * stride + reach
          for x in 0..<width { sum[x] = total[x] > 0 ? sum[x] / total[x] : own[x] }
          writer.write(row: rows.lowerBound + row, channel: channel, from: sum)
        }
        if let alpha {
          writer.write(
            row: rows.lowerBound + row, channel: colors, from: alpha + (row + reach) * stride + reach)
        }
      }
    }
  }

  /// Every pixel's squared difference from the pixel `shift` away, added over the colours, for the band's rows and
  /// one above and below.
  private func squaredDifferences(
    _ planes: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<Float>, rows: Int, stride: Int,
    plane: Int, colors: Int, shift: Int
  ) {
    let reach = Self.reach
    for row in 0..<rows + 2 * Self.patch {
      let line = target + row * stride + (reach - 1)
      for channel in 0..<colors {
        let a = planes + channel * plane + (row + Self.window) * stride + (reach - 1)
        let b = a + shift
        if channel == 0 {
          for x in 0..<stride - 2 * Self.window {
            let d = a[x] - b[x]
            line[x] = d * d
          }
        } else {
          for x in 0..<stride - 2 * Self.window {
            let d = a[x] - b[x]
            line[x] += d * d
          }
        }
      }
    }
  }

  /// Adds one shifted row to the weighted sums. `column[x ... x + 2]` are the three columns of pixel x's surroundings.
  private func accumulate(
    _ column: UnsafeMutablePointer<Float>, samples: UnsafeMutablePointer<Float>, plane: Int,
    alpha: UnsafeMutablePointer<Float>?, weights: UnsafeMutablePointer<Float>,
    sums: UnsafeMutablePointer<Float>, sumPlane: Int, width: Int, colors: Int, variance: Float
  ) {
    // The mean squared difference of two noisy copies of the same is twice the variance; at `cutoff` times more, the
    // weight is zero.
    let scale = 1 / (Float(9 * colors) * variance * Self.cutoff)
    let expected = 2 / Self.cutoff
    for x in 0..<width {
      let d = (column[x] + column[x &+ 1] + column[x &+ 2]) * scale - expected
      let w = 1 - min(1, max(0, d))
      column[x] = w * w
    }
    if let alpha { for x in 0..<width { column[x] *= alpha[x] } }
    for x in 0..<width { weights[x] += column[x] }
    for channel in 0..<colors {
      let source = samples + channel * plane
      let sum = sums + channel * sumPlane
      for x in 0..<width { sum[x] += column[x] * source[x] }
    }
  }

  /// Chosen on photographs with noise of 5, 10 and 20 steps: the highest mean PSNR of 1...8.
  private static let cutoff: Float = 3
}
