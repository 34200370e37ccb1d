import Pixels

/// A monarch, seen from above: orange cells between black veins, a black margin with two rows of white dots.
struct Butterfly {
  let center: Point
  /// Radians, clockwise.
  let turn: Double
  let size: Double

  private static let foreWing = [
    Point(0.012, -0.06), Point(0.11, -0.19), Point(0.25, -0.285), Point(0.36, -0.315), Point(0.395, -0.275),
    Point(0.365, -0.17), Point(0.325, -0.07), Point(0.27, -0.005), Point(0.18, 0.008), Point(0.08, 0.004),
    Point(0.014, 0.005),
  ]
  private static let hindWing = [
    Point(0.012, -0.01), Point(0.1, -0.012), Point(0.21, 0.005), Point(0.285, 0.06), Point(0.295, 0.13),
    Point(0.25, 0.215), Point(0.18, 0.262), Point(0.11, 0.235), Point(0.05, 0.15), Point(0.012, 0.06),
  ]
  private static let foreVeins: [[Point]] = [
    [Point(0.02, -0.045), Point(0.12, -0.15), Point(0.19, -0.2), Point(0.3, -0.275)],
    [Point(0.02, -0.03), Point(0.1, -0.085), Point(0.2, -0.115), Point(0.37, -0.17)],
    [Point(0.19, -0.2), Point(0.215, -0.16), Point(0.2, -0.115)],
    [Point(0.205, -0.15), Point(0.28, -0.19), Point(0.38, -0.22)],
    [Point(0.15, -0.1), Point(0.24, -0.085), Point(0.345, -0.11)],
    [Point(0.1, -0.085), Point(0.2, -0.05), Point(0.315, -0.055)],
    [Point(0.02, -0.015), Point(0.12, -0.02), Point(0.26, -0.005)],
    [Point(0.215, -0.19), Point(0.3, -0.24), Point(0.385, -0.265)],
  ]
  private static let hindVeins: [[Point]] = [
    [Point(0.02, 0.0), Point(0.1, 0.03), Point(0.15, 0.045), Point(0.28, 0.05)],
    [Point(0.15, 0.045), Point(0.165, 0.085), Point(0.12, 0.105)],
    [Point(0.165, 0.065), Point(0.22, 0.085), Point(0.29, 0.11)],
    [Point(0.16, 0.09), Point(0.21, 0.13), Point(0.265, 0.185)],
    [Point(0.145, 0.1), Point(0.185, 0.165), Point(0.215, 0.235)],
    [Point(0.12, 0.105), Point(0.14, 0.175), Point(0.155, 0.25)],
    [Point(0.02, 0.02), Point(0.07, 0.07), Point(0.12, 0.105)],
    [Point(0.02, 0.03), Point(0.06, 0.11), Point(0.095, 0.205)],
  ]

  func draw(on canvas: inout Canvas, _ random: inout RandomSource) {
    for side in [-1.0, 1.0] {
      drawWing(Self.hindWing, Self.hindVeins, side, on: &canvas, tip: nil)
      drawWing(Self.foreWing, Self.foreVeins, side, on: &canvas, tip: Point(0.375, -0.285))
    }
    drawBody(on: &canvas, &random)
  }

  /// A point of the right half as drawn on the picture, or mirrored for the left.
  private func place(_ p: Point, _ side: Double) -> Point {
    let (x, y) = (p.x * side * size, p.y * size)
    return center + Point(x * cosine(turn) - y * sine(turn), x * sine(turn) + y * cosine(turn))
  }

  private func drawWing(
    _ points: [Point], _ veins: [[Point]], _ side: Double, on canvas: inout Canvas, tip: Point?
  ) {
    let black = Color(0.07, 0.05, 0.05)
    let shape = Curve.through(points, closed: true)
    let outline = shape.map { place($0, side) }
    canvas.fill(outline.map { $0 + Point(0.012, 0.02) }, .sheer(Color(0, 0.02, 0), 0.3))
    let base = place(Point(0.01, -0.02), side)
    let size = size
    canvas.fill(
      outline,
      .shaded { p in
        let t = Float(min(1, (p - base).length / (0.4 * size)))
        // Rows of scales, about two to a pixel of a picture 500 wide.
        let scales = Float(0.03 * sine((p - base).length * 900))
        return (Color(0.99, 0.63, 0.13) * (1 - t) + Color(0.87, 0.32, 0.05) * t + Color(repeating: scales), 1)
      })
    if let tip {
      let reach = 0.125 * size
      let corner = place(tip, side)
      canvas.fill(
        outline,
        .shaded { p in
          let distance = (p - corner).length / reach
          return (black, distance < 1 ? 1 : 0)
        })
      for (x, y, radius) in [
        (0.305, -0.268, 0.012), (0.325, -0.243, 0.01), (0.342, -0.215, 0.009), (0.29, -0.245, 0.008),
      ] {
        canvas.disc(place(Point(x, y), side), radius: radius * size, .plain(Color(0.98, 0.78, 0.5)))
      }
    }
    for vein in veins {
      canvas.stroke(
        Curve.through(vein).map { place($0, side) }, width: 0.0085 * size, to: 0.0045 * size, .plain(black))
    }
    canvas.stroke(outline + [outline[0]], width: 0.034 * size, .plain(black))
    drawDots(shape, side, on: &canvas)
  }

  /// Two rows of dots in the margin, along the outer part of the outline.
  private func drawDots(_ shape: [Point], _ side: Double, on canvas: inout Canvas) {
    var travelled = 0.0
    var next = 0.0
    var count = 0
    for index in 1..<shape.count {
      let step = shape[index] - shape[index - 1]
      travelled += step.length
      guard travelled >= next, shape[index].length > 0.13 else { continue }
      next = travelled + 0.0135
      count += 1
      // Inside is to the right when the outline is followed clockwise.
      let inward = Point(-step.y, step.x) * (1 / max(step.length, 1e-9))
      let deep = count.isMultiple(of: 2)
      let place = place(shape[index] + inward * (deep ? 0.0095 : -0.0035), side)
      canvas.disc(place, radius: (deep ? 0.0042 : 0.0036) * size, .plain(Color(0.97, 0.96, 0.92)))
    }
  }

  private func drawBody(on canvas: inout Canvas, _ random: inout RandomSource) {
    let black = Color(0.09, 0.07, 0.07)
    for side in [-1.0, 1.0] {
      let antenna = Curve.cubic(
        Point(0.006, -0.105), Point(0.02, -0.18), Point(0.05, -0.22), Point(0.1, -0.255))
      canvas.stroke(antenna.map { place($0, side) }, width: 0.0042 * size, to: 0.003 * size, .plain(black))
      canvas.stroke(
        [Point(0.092, -0.25), Point(0.104, -0.257)].map { place($0, side) }, width: 0.0075 * size,
        .plain(black))
    }
    let spine = [Point(0, -0.07), Point(0, -0.01), Point(0, 0.06), Point(0, 0.12), Point(0, 0.17)]
    canvas.stroke(
      Curve.through(spine).map { place($0, 1) }, width: 0.042 * size, to: 0.014 * size, .plain(black))
    canvas.disc(place(Point(0, -0.045), 1), radius: 0.026 * size, .plain(black))
    canvas.disc(place(Point(0, -0.095), 1), radius: 0.018 * size, .plain(black))
    // Rings of the abdomen and white dots on head and thorax.
    for index in 0..<7 {
      let y = 0.035 + Double(index) * 0.018
      let half = 0.016 - Double(index) * 0.0014
      let ring = Curve.cubic(
        Point(-half, y), Point(-half / 2, y + 0.005), Point(half / 2, y + 0.005), Point(half, y))
      canvas.stroke(ring.map { place($0, 1) }, width: 0.0024 * size, .plain(Color(0.62, 0.5, 0.36)))
    }
    for (x, y) in [(0.009, -0.1), (0.01, -0.062), (0.016, -0.045), (0.011, -0.028), (0.004, -0.108)] {
      for side in [-1.0, 1.0] {
        canvas.disc(place(Point(x, y), side), radius: 0.0032 * size, .plain(Color(0.95, 0.93, 0.88)))
      }
    }
    // Hair, where it stands out against the wings.
    for _ in 0..<190 {
      let y = -0.085 + 0.1 * random.uniform()
      let side = random.uniform() < 0.5 ? -1.0 : 1.0
      let from = Point(0.004 + 0.018 * random.uniform(), y)
      let to = from + Point(0.012 + 0.014 * random.uniform(), 0.004 + 0.02 * random.uniform())
      let shade = Float(0.3 + 0.5 * random.uniform())
      canvas.stroke(
        [place(from, side), place(to, side)], width: 0.0022 * size, to: 0.0008 * size,
        .plain(Color(0.72, 0.54, 0.32) * shade))
    }
  }
}
