/// Smooth lines.
enum Curve {
  /// A cubic Bezier curve as short straight pieces.
  static func cubic(_ a: Point, _ b: Point, _ c: Point, _ d: Point, pieces: Int = 24) -> [Point] {
    (0...pieces).map { index in
      let t = Double(index) / Double(pieces)
      let u = 1 - t
      return a * (u * u * u) + b * (3 * u * u * t) + c * (3 * u * t * t) + d * (t * t * t)
    }
  }

  /// A curve through all points (Catmull-Rom), closed if asked for.
  static func through(_ points: [Point], closed: Bool = false, pieces: Int = 10) -> [Point] {
    let count = points.count
    func at(_ index: Int) -> Point {
      closed ? points[(index + count) % count] : points[min(max(index, 0), count - 1)]
    }
    var result: [Point] = []
    for index in 0..<(closed ? count : count - 1) {
      let (a, b, c, d) = (at(index - 1), at(index), at(index + 1), at(index + 2))
      for piece in 0..<pieces {
        let t = Double(piece) / Double(pieces)
        let linear = (c - a) * 0.5
        let square = a - b * 2.5 + c * 2 - d * 0.5
        let cube = (d - a) * 0.5 + (b - c) * 1.5
        result.append(b + linear * t + square * (t * t) + cube * (t * t * t))
      }
    }
    if !closed { result.append(points[count - 1]) }
    return result
  }
}
