/// A point of the drawing; both axes run from 0 to 1, y down.
struct Point: Sendable, Hashable {
  var x: Double
  var y: Double

  init(_ x: Double, _ y: Double) {
    (self.x, self.y) = (x, y)
  }

  static func + (a: Point, b: Point) -> Point { Point(a.x + b.x, a.y + b.y) }
  static func - (a: Point, b: Point) -> Point { Point(a.x - b.x, a.y - b.y) }
  static func * (a: Point, k: Double) -> Point { Point(a.x * k, a.y * k) }
  var length: Double { (x * x + y * y).squareRoot() }
}

/// RGB of 0...1 as stored, not linear.
typealias Color = SIMD3<Float>

/// Draws shapes into a grid of samples, several a pixel, and averages them in the end: antialiasing by brute force, exact
/// enough for a picture that is to be reduced and enlarged again.
struct Canvas {
  let width: Int
  let height: Int
  private let fineness: Int
  private let columns: Int
  private let rows: Int
  private var samples: [Color]

  /// - Parameters:
  ///   - width: pixels of the finished picture; the drawing's unit is its width.
  ///   - height: pixels of the finished picture.
  ///   - fineness: samples a pixel in each dimension.
  ///   - background: the color of a point.
  init(width: Int, height: Int, fineness: Int = 4, background: (Point) -> Color) {
    (self.width, self.height, self.fineness) = (width, height, fineness)
    (columns, rows) = (width * fineness, height * fineness)
    samples = []
    samples.reserveCapacity(columns * rows)
    for row in 0..<rows {
      for column in 0..<columns { samples.append(background(Self.point(row, column, Double(columns)))) }
    }
  }

  private static func point(_ row: Int, _ column: Int, _ columns: Double) -> Point {
    Point((Double(column) + 0.5) / columns, (Double(row) + 0.5) / columns)
  }

  private mutating func blend(_ row: Int, _ column: Int, _ paint: Paint, _ point: @autoclosure () -> Point) {
    let index = row * columns + column
    switch paint {
    case .plain(let color): samples[index] = color
    case .sheer(let color, let alpha): samples[index] += (color - samples[index]) * alpha
    case .shaded(let shade):
      let (color, alpha) = shade(point())
      samples[index] += (color - samples[index]) * alpha
    }
  }

  enum Paint {
    case plain(Color)
    /// With an opacity of 0...1.
    case sheer(Color, Float)
    /// Color and opacity of each point.
    case shaded((Point) -> (Color, Float))
  }

  /// Fills what a closed outline encloses an odd number of times.
  mutating func fill(_ outline: [Point], _ paint: Paint) {
    guard let first = outline.first else { return }
    let scale = Double(columns)
    var (low, high) = (first.y, first.y)
    for point in outline { (low, high) = (min(low, point.y), max(high, point.y)) }
    let firstRow = max(0, Int((low * scale - 0.5).rounded(.up)))
    let lastRow = min(rows - 1, Int((high * scale - 0.5).rounded(.down)))
    guard firstRow <= lastRow else { return }
    var crossings: [Double] = []
    for row in firstRow...lastRow {
      let y = (Double(row) + 0.5) / scale
      crossings.removeAll(keepingCapacity: true)
      for index in outline.indices {
        let (a, b) = (outline[index], outline[(index + 1) % outline.count])
        if (a.y <= y) != (b.y <= y) { crossings.append(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x)) }
      }
      crossings.sort()
      for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
        let from = max(0, Int((crossings[pair] * scale - 0.5).rounded(.up)))
        let to = min(columns - 1, Int((crossings[pair + 1] * scale - 0.5).rounded(.down)))
        guard from <= to else { continue }
        for column in from...to { blend(row, column, paint, Self.point(row, column, scale)) }
      }
    }
  }

  mutating func disc(_ center: Point, radius: Double, _ paint: Paint) {
    stroke([center, center], width: 2 * radius, paint)
  }

  /// Draws a line with round ends whose width changes evenly from its start to its end.
  mutating func stroke(_ line: [Point], width: Double, to endWidth: Double? = nil, _ paint: Paint) {
    guard line.count > 1 else { return }
    let endWidth = endWidth ?? width
    let count = Double(line.count - 1)
    for index in 1..<line.count {
      let from = width + (endWidth - width) * Double(index - 1) / count
      let to = width + (endWidth - width) * Double(index) / count
      segment(line[index - 1], line[index], from / 2, to / 2, paint)
    }
  }

  private mutating func segment(_ a: Point, _ b: Point, _ ra: Double, _ rb: Double, _ paint: Paint) {
    let scale = Double(columns)
    let reach = max(ra, rb)
    let firstRow = max(0, Int(((min(a.y, b.y) - reach) * scale).rounded(.down)))
    let lastRow = min(rows - 1, Int(((max(a.y, b.y) + reach) * scale).rounded(.up)))
    let firstColumn = max(0, Int(((min(a.x, b.x) - reach) * scale).rounded(.down)))
    let lastColumn = min(columns - 1, Int(((max(a.x, b.x) + reach) * scale).rounded(.up)))
    guard firstRow <= lastRow, firstColumn <= lastColumn else { return }
    let d = b - a
    let square = d.x * d.x + d.y * d.y
    for row in firstRow...lastRow {
      for column in firstColumn...lastColumn {
        let p = Self.point(row, column, scale) - a
        let t = square > 0 ? min(max((p.x * d.x + p.y * d.y) / square, 0), 1) : 0
        let radius = ra + (rb - ra) * t
        let (dx, dy) = (p.x - d.x * t, p.y - d.y * t)
        if dx * dx + dy * dy <= radius * radius { blend(row, column, paint, Self.point(row, column, scale)) }
      }
    }
  }

  /// The averages, in rows of RGB.
  func averaged() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * width * height)
    for y in 0..<height {
      for x in 0..<width {
        var sum = Color()
        for row in y * fineness..<(y + 1) * fineness {
          for column in x * fineness..<(x + 1) * fineness { sum += samples[row * columns + column] }
        }
        let mean = sum * (255 / Float(fineness * fineness))
        for channel in 0..<3 { bytes.append(UInt8(min(max(mean[channel], 0), 255).rounded())) }
      }
    }
    return bytes
  }
}
