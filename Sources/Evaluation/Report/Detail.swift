package import ImageFiles
package import Pixels

/// The part of a picture where the model differs most from bicubic interpolation, cut out of all that there is to compare.
package struct Detail: Sendable {
  package let set: String
  package let image: String
  package let scale: Int
  package let rect: Rect
  /// Mean squared difference of the model from bicubic inside the rectangle.
  package let difference: Double
  /// PNG files.
  package let truth: [UInt8]
  package let bicubic: [UInt8]
  package let model: [UInt8]
  /// Model minus bicubic, four times enlarged, around middle gray.
  package let residual: [UInt8]

  /// Sides of the part, where the picture is as large.
  static let side = 72

  package init(_ comparison: Comparison, set: String, image: String) throws(ImageFileError) {
    self.set = set
    self.image = image
    scale = comparison.scale
    let (rect, difference) = Self.greatest(comparison.bicubic, comparison.result, border: comparison.scale)
    self.rect = rect
    self.difference = difference
    func file(_ luma: DoublePlane, _ chroma: YCbCr.Chroma?) throws(ImageFileError) -> [UInt8] {
      let part = YCbCr(
        luma: luma.cropped(to: rect),
        chroma: chroma.map { YCbCr.Chroma(blue: $0.blue.cropped(to: rect), red: $0.red.cropped(to: rect)) })
      return try ImageFile.encode(part.image(), as: .png, options: EncodeOptions(pngLevel: 9))
    }
    truth = try file(comparison.truth, comparison.truthChroma)
    bicubic = try file(comparison.bicubic, comparison.chroma)
    model = try file(comparison.result, comparison.chroma)
    let residual = zip(comparison.result.samples, comparison.bicubic.samples).map { 128 + 4 * ($0 - $1) }
    self.residual = try file(
      DoublePlane(width: comparison.result.width, height: comparison.result.height, samples: residual), nil)
  }

  /// The square inside the borders with the greatest mean squared difference, by a table of sums, on a grid of 4 pixels.
  static func greatest(_ a: DoublePlane, _ b: DoublePlane, border: Int) -> (Rect, Double) {
    let (width, height) = (a.width, a.height)
    let row = width + 1
    var sums = [Double](repeating: 0, count: row * (height + 1))
    for y in 0..<height {
      var line = 0.0
      for x in 0..<width {
        let difference = a.samples[y * width + x] - b.samples[y * width + x]
        line += difference * difference
        sums[(y + 1) * row + x + 1] = sums[y * row + x + 1] + line
      }
    }
    let (w, h) = (min(side, width - 2 * border), min(side, height - 2 * border))
    var best = (Rect(x: border, y: border, width: w, height: h), -1.0)
    for y in stride(from: border, through: height - border - h, by: 4) {
      for x in stride(from: border, through: width - border - w, by: 4) {
        let sum =
          sums[(y + h) * row + x + w] - sums[y * row + x + w] - sums[(y + h) * row + x] + sums[y * row + x]
        if sum > best.1 { best = (Rect(x: x, y: y, width: w, height: h), sum) }
      }
    }
    return (best.0, best.1 / Double(w * h))
  }
}
