import Pixels

/// The demo's picture: a butterfly over a flower before a blurred garden, with what super-resolution is about: edges,
/// curves, fine lines, dots, print, soft gradients. Drawn by code.
struct Scene {
  private var canvas: Canvas
  private var random = RandomSource(seed: 2016)

  /// The picture as rows of RGB.
  static func render(width: Int, height: Int) -> [UInt8] {
    var scene = Scene(width: width, height: height)
    scene.drawGrass()
    scene.drawLeaves()
    scene.drawFlower(at: Point(0.63, 0.86))
    scene.drawTag()
    Butterfly(center: Point(0.475, 0.415), turn: -0.28, size: 0.97).draw(on: &scene.canvas, &scene.random)
    return scene.canvas.averaged()
  }

  private init(width: Int, height: Int) {
    var random = RandomSource(seed: 7)
    let lights = (0..<26).map { _ in
      (
        center: Point(random.uniform() * 1.1 - 0.05, random.uniform() * 1.1 - 0.05),
        radius: 0.05 + 0.1 * random.uniform(), warmth: Float(random.uniform())
      )
    }
    canvas = Canvas(width: width, height: height) { point in
      let down = Float(point.y)
      var color = Color(0.33, 0.47, 0.3) * (1 - down) + Color(0.07, 0.15, 0.1) * down
      let glow = Float(max(0, 1 - (point - Point(0.9, 0.05)).length / 0.9))
      color += Color(0.42, 0.36, 0.12) * (glow * glow)
      for light in lights {
        let distance = (point - light.center).length / light.radius
        if distance < 1 {
          let edge = Float(min(1, (1 - distance) * 5))
          let rim = Float(0.7 + 0.3 * distance * distance)
          color += (Color(0.2, 0.2, 0.06) + Color(0.12, 0.02, 0.02) * light.warmth) * (edge * rim * 0.42)
        }
      }
      return color
    }
  }

  // MARK: - Plants

  /// Blades and awns as thin as a pixel and less.
  private mutating func drawGrass() {
    for _ in 0..<70 {
      let foot = Point(random.uniform() * 1.1 - 0.05, 1.02)
      let height = 0.18 + 0.42 * random.uniform() * (foot.x > 0.5 ? 1 : 0.6)
      let lean = (random.uniform() - 0.5) * 0.24
      let tip = Point(foot.x + lean, foot.y - height)
      let line = Curve.cubic(
        foot, Point(foot.x, foot.y - height * 0.5), tip + Point(-lean * 0.3, height * 0.3), tip)
      let light = Float(0.3 + 0.5 * random.uniform())
      canvas.stroke(
        line, width: 0.0055, to: 0.0012, .plain(Color(0.5, 0.62, 0.26) * light + Color(0.1, 0.1, 0.04)))
      guard random.uniform() < 0.3 else { continue }
      for index in 0..<9 {
        let from = line[line.count - 1 - index]
        for side in [-1.0, 1.0] {
          let to = from + Point(side * 0.02 + lean * 0.02, -0.022)
          canvas.stroke([from, to], width: 0.003, to: 0.0012, .plain(Color(0.86, 0.8, 0.5)))
        }
      }
    }
  }

  private mutating func drawLeaves() {
    drawLeaf(from: Point(0.5, 1.04), to: Point(0.03, 0.62), width: 0.14, Color(0.2, 0.46, 0.2))
    drawLeaf(from: Point(0.7, 1.04), to: Point(1.02, 0.66), width: 0.11, Color(0.16, 0.4, 0.2))
  }

  /// A leaf with a toothed edge, a midrib and side veins down to a fraction of a pixel.
  private mutating func drawLeaf(from foot: Point, to tip: Point, width: Double, _ color: Color) {
    let axis = tip - foot
    let across = Point(-axis.y, axis.x) * (1 / axis.length)
    func point(_ t: Double, _ side: Double) -> Point {
      let bulge = width * 4 * t * (1 - t) * (1.15 - 0.5 * t)
      let bend = 0.05 * (4 * t * (1 - t))
      return foot + axis * t + across * (side * bulge * 0.5 + bend)
    }
    let teeth = 26
    func edge(_ side: Double) -> [Point] {
      (0...teeth * 2).map { index in
        point(Double(index) / Double(teeth * 2), side * (index.isMultiple(of: 2) ? 1 : 0.93))
      }
    }
    canvas.fill(
      edge(1) + edge(-1).reversed(),
      .shaded { p in
        let side = (p.x - foot.x) * across.x + (p.y - foot.y) * across.y
        let light = Float(0.85 + 2.2 * side)
        return (color * light, 1)
      })
    let vein = color + Color(0.24, 0.24, 0.12)
    for index in 1..<13 {
      let t = Double(index) / 13
      for side in [-1.0, 1.0] {
        let end = min(t + 0.13, 0.99)
        let line = Curve.cubic(
          point(t, 0), point(t + 0.03, side * 0.35), point(end - 0.02, side * 0.7), point(end, side * 0.96),
          pieces: 10)
        canvas.stroke(line, width: 0.0038, to: 0.0012, .plain(vein))
      }
    }
    canvas.stroke((0...20).map { point(Double($0) / 20, 0) }, width: 0.008, to: 0.002, .plain(vein))
  }

  /// Petals with streaks around a head of florets in Fibonacci spirals.
  private mutating func drawFlower(at center: Point) {
    let count = 21
    for layer in 0..<2 {
      for index in 0..<count {
        let angle =
          (Double(index) + Double(layer) * 0.5) / Double(count) * 2 * .pi + 0.1 * (random.uniform() - 0.5)
        drawPetal(
          center, angle: angle, length: 0.25 + 0.03 * random.uniform() - 0.02 * Double(layer),
          shade: Float(0.74 + 0.14 * Double(layer) + 0.12 * random.uniform()))
      }
    }
    canvas.disc(center, radius: 0.098, .plain(Color(0.24, 0.11, 0.05)))
    for index in (0..<420).reversed() {
      let part = (Double(index) / 420).squareRoot()
      let angle = Double(index) * 2.399_963_229_728_653
      let place = center + Point(cosine(angle), sine(angle)) * (0.096 * part)
      let size = 0.0022 + 0.0016 * part
      let bright = Float(0.45 + 0.55 * part)
      canvas.disc(place + Point(0.001, 0.0014), radius: size, .plain(Color(0.18, 0.07, 0.03)))
      canvas.disc(place, radius: size, .plain(Color(0.98, 0.66, 0.2) * bright))
    }
  }

  private mutating func drawPetal(_ center: Point, angle: Double, length: Double, shade: Float) {
    let along = Point(cosine(angle), sine(angle))
    let across = Point(-along.y, along.x)
    func point(_ t: Double, _ side: Double) -> Point {
      let width = 0.027 * (1 - (2 * t - 1.16) * (2 * t - 1.16) * 0.72)
      return center + along * (0.06 + t * (length - 0.06)) + across * (side * width)
    }
    func edge(_ side: Double) -> [Point] { (0...16).map { point(Double($0) / 16, side) } }
    let outline = edge(1) + [point(1.03, 0.3), point(1.0, 0), point(1.03, -0.3)] + edge(-1).reversed()
    let base = Color(0.95, 0.42, 0.66) * shade
    canvas.stroke(outline + [outline[0]], width: 0.0028, .plain(base * 0.62))
    canvas.fill(
      outline,
      .shaded { p in
        let t = Float((p - center).length / length)
        return (base * (0.62 + 0.42 * t) + Color(0.05, 0.07, 0.05) * t, 1)
      })
    for streak in [-0.6, -0.3, 0, 0.3, 0.6] {
      canvas.stroke(
        (1...12).map { point(Double($0) / 12.6, streak * (1 - 0.12 * Double($0) / 12)) }, width: 0.0022,
        to: 0.001,
        .sheer(base * 0.6, 0.75))
    }
  }

  // MARK: - Print

  /// A paper label, turned a little, with print from readable to tiny.
  private mutating func drawTag() {
    let (origin, angle) = (Point(0.035, 0.845), -0.1)
    func place(_ p: Point) -> Point {
      origin + Point(p.x * cosine(angle) - p.y * sine(angle), p.x * sine(angle) + p.y * cosine(angle))
    }
    let (w, h) = (0.37, 0.128)
    let corners = [Point(0, 0), Point(w, 0), Point(w, h), Point(0, h)]
    canvas.fill(corners.map { place($0 + Point(0.006, 0.008)) }, .sheer(Color(0, 0.02, 0), 0.45))
    canvas.fill(corners.map(place), .plain(Color(0.95, 0.92, 0.82)))
    let inner = [
      Point(0.007, 0.007), Point(w - 0.007, 0.007), Point(w - 0.007, h - 0.007), Point(0.007, h - 0.007),
    ]
    canvas.stroke((inner + [inner[0]]).map(place), width: 0.0026, .plain(Color(0.45, 0.16, 0.1)))
    let ink = Color(0.12, 0.1, 0.12)
    for (text, height, y, weight) in [
      ("MONARCH", 0.036, 0.02, 0.0062), ("DANAUS PLEXIPPUS", 0.0185, 0.069, 0.0036),
      ("20 LAYERS, 3x3, 2016", 0.0145, 0.1, 0.0027),
    ] {
      for line in StrokeFont.lines(text, at: Point(0.02, y), height: height) {
        canvas.stroke(line.map(place), width: weight, .plain(ink))
      }
    }
  }
}
