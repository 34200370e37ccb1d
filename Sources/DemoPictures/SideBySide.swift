package import Pixels

/// Pictures of one size beside each other, each under its name and over enlarged details.
package enum SideBySide {
  private static let gap = 8
  private static let paper: [UInt8] = [24, 26, 30]

  /// - Parameters:
  ///   - panels: RGB images of 8 bits, all of one size.
  ///   - details: Where squares of a sixth of the width begin, as parts of the size: they are shown three times enlarged.
  /// - Returns: one RGB image.
  package static func compose(
    _ panels: [(name: String, image: Image)], details: [(x: Double, y: Double)]
  ) -> Image {
    guard let first = panels.first?.image else { preconditionFailure("there is nothing to show") }
    let (side, header) = ((first.width - gap) / 6, max(14, first.width / 14))
    let width = panels.count * (first.width + gap) + gap
    let height = header + first.height + gap + 3 * side + gap
    var sheet = Sheet(width: width, height: height, color: paper)
    for (index, panel) in panels.enumerated() {
      let left = gap + index * (first.width + gap)
      sheet.paste(label(panel.name, width: first.width, height: header), x: left, y: 0)
      sheet.paste(panel.image, x: left, y: header)
      for (number, detail) in details.prefix(2).enumerated() {
        let x = min(Int(detail.x * Double(first.width)), first.width - side)
        let y = min(Int(detail.y * Double(first.height)), first.height - side)
        let part = Rect(x: x, y: y, width: side, height: min(side, first.height))
        let place = left + number * (first.width - 3 * side)
        sheet.paste(panel.image, part: part, times: 3, x: place, y: header + first.height + gap)
      }
    }
    return sheet.image
  }

  private static func label(_ text: String, width: Int, height: Int) -> Image {
    let background = Color(Float(paper[0]), Float(paper[1]), Float(paper[2])) / 255
    var canvas = Canvas(width: width, height: height) { _ in background }
    let tall = Double(height) / Double(width)
    for line in StrokeFont.lines(text, at: Point(0.004, tall * 0.28), height: tall * 0.44) {
      canvas.stroke(line, width: tall * 0.06, .plain(Color(0.94, 0.94, 0.92)))
    }
    return Image(width: width, height: height, layout: .rgb, samples: .uint8(canvas.averaged()))
  }

  /// Rows of RGB to paste into.
  private struct Sheet {
    let width: Int
    let height: Int
    private var bytes: [UInt8]

    init(width: Int, height: Int, color: [UInt8]) {
      (self.width, self.height) = (width, height)
      bytes = []
      bytes.reserveCapacity(3 * width * height)
      for _ in 0..<width * height { bytes += color }
    }

    var image: Image { Image(width: width, height: height, layout: .rgb, samples: .uint8(bytes)) }

    /// Pastes a part of a picture (all of it if nil), each pixel as a square of `times` a side.
    mutating func paste(_ image: Image, part: Rect? = nil, times: Int = 1, x: Int, y: Int) {
      guard case .uint8(let source) = image.samples, image.layout == .rgb else {
        preconditionFailure("panels are RGB of 8 bits")
      }
      let part = part ?? Rect(x: 0, y: 0, width: image.width, height: image.height)
      for row in 0..<part.height * times {
        for column in 0..<part.width * times {
          let from = 3 * ((part.y + row / times) * image.width + part.x + column / times)
          let to = 3 * ((y + row) * width + x + column)
          for channel in 0..<3 { bytes[to + channel] = source[from + channel] }
        }
      }
    }
  }
}
