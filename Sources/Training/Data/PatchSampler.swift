package import Pixels

/// Where a patch is cut, and how it is turned.
package struct PatchPlace: Sendable, Hashable {
  package var picture: Int
  package var variant: Int
  package var x: Int
  package var y: Int
  /// 0..<8: bit 0 mirrors left to right, bit 1 top to bottom, bit 2 then exchanges rows and columns.
  package var orientation: Int
}

/// How patches are chosen.
package enum PatchSampling: Sendable, Hashable, Codable {
  /// Anywhere. Of `candidates` places of the same kind the one is taken where the interpolation errs most: harder
  /// patches, seen more often than the flat ones that teach nothing.
  case random(candidates: Int)
  /// All places of a grid in all eight orientations and all variants, in a new order every epoch: as published.
  case grid(stride: Int)
}

/// Draws the batches. All of its state is the position in the epoch and the generator.
package struct PatchSampler: Sendable {
  package let set: TrainingSet
  package let sampling: PatchSampling
  package let side: Int
  package var random: RandomSource
  /// The grid's order of the current epoch, its seed and how far it has been read.
  private var order: [UInt32] = []
  /// Running sums of the pictures' numbers of places, to draw a picture by.
  private let places: [Int]
  private let grid: [(picture: Int, columns: Int, rows: Int, first: Int)]
  package private(set) var gridSeed: RandomSource
  package private(set) var gridPosition: Int

  package init(_ set: TrainingSet, sampling: PatchSampling, side: Int, random: RandomSource) {
    self.set = set
    self.sampling = sampling
    self.side = side
    self.random = random
    gridSeed = random
    gridPosition = 0
    var places = 0
    self.places = set.pictures.map { picture in
      places += (picture.width - side + 1) * (picture.height - side + 1)
      return places
    }
    var grid: [(picture: Int, columns: Int, rows: Int, first: Int)] = []
    if case .grid(let stride) = sampling {
      var first = 0
      for (index, picture) in set.pictures.enumerated() {
        let (columns, rows) = ((picture.width - side) / stride + 1, (picture.height - side) / stride + 1)
        grid.append((index, columns, rows, first))
        first += columns * rows * set.variants.count * 8
      }
    }
    self.grid = grid
    if !grid.isEmpty { shuffle() }
  }

  /// Patches of an epoch; nil where patches are drawn at random and an epoch is what one calls it.
  package var epochLength: Int? { grid.isEmpty ? nil : order.count }

  /// Continues where another sampler of the same set stood: at 0 to `epochLength` of its grid, 0 without one.
  package mutating func restore(random: RandomSource, gridSeed: RandomSource, gridPosition: Int) {
    precondition((0...order.count).contains(gridPosition))
    if !grid.isEmpty {
      self.random = gridSeed
      shuffle()
    }
    self.random = random
    self.gridPosition = gridPosition
  }

  package mutating func next(_ count: Int) -> [PatchPlace] {
    (0..<count).map { _ in
      switch sampling {
      case .random(let candidates): randomPlace(candidates)
      case .grid(let stride): gridPlace(stride)
      }
    }
  }

  /// A name for messages.
  package func name(_ place: PatchPlace) -> String {
    "\(set.pictures[place.picture].name) \(set.variants[place.variant]) at \(place.x),\(place.y)"
      + " orientation \(place.orientation)"
  }

  private mutating func shuffle() {
    gridSeed = random
    let count = grid.last.map { $0.first + $0.columns * $0.rows * set.variants.count * 8 } ?? 0
    order = (0..<count).map { UInt32($0) }
    random.shuffle(&order)
    gridPosition = 0
  }

  private mutating func gridPlace(_ stride: Int) -> PatchPlace {
    if gridPosition == order.count { shuffle() }
    let number = Int(order[gridPosition])
    gridPosition += 1
    // The last picture that begins at or before the number.
    var (low, high) = (0, grid.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if grid[middle].first <= number { low = middle } else { high = middle - 1 }
    }
    let entry = grid[low]
    let inside = number - entry.first
    let (orientation, rest) = (inside % 8, inside / 8)
    let (variant, cell) = (rest % set.variants.count, rest / set.variants.count)
    return PatchPlace(
      picture: entry.picture, variant: variant, x: cell % entry.columns * stride,
      y: cell / entry.columns * stride, orientation: orientation)
  }

  /// Pictures are drawn by their area, so that every place is as likely as every other.
  private mutating func randomPlace(_ candidates: Int) -> PatchPlace {
    let variant = set.draws[random.below(set.draws.count)]
    var best: PatchPlace?
    var most = -Float.infinity
    for _ in 0..<max(1, candidates) {
      let picture = drawPicture()
      let place = PatchPlace(
        picture: picture, variant: variant,
        x: random.below(set.pictures[picture].width - side + 1),
        y: random.below(set.pictures[picture].height - side + 1), orientation: 0)
      let error = candidates > 1 ? interpolationError(place) : 0
      if best == nil || error > most { (best, most) = (place, error) }
    }
    var place = best ?? PatchPlace(picture: 0, variant: 0, x: 0, y: 0, orientation: 0)
    place.orientation = random.below(8)
    return place
  }

  private mutating func drawPicture() -> Int {
    let place = random.below(places.last ?? 1)
    var (low, high) = (0, places.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if places[middle] > place { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The sum of the squares of what interpolation gets wrong, on every third pixel of every third row.
  private func interpolationError(_ place: PatchPlace) -> Float {
    let picture = set.pictures[place.picture]
    var sum: Float = 0
    for y in stride(from: place.y, to: place.y + side, by: 3) {
      for x in stride(from: place.x, to: place.x + side, by: 3) {
        let error =
          picture.truth[y * picture.width + x] - picture.inputs[place.variant][y * picture.width + x]
        sum += error * error
      }
    }
    return sum
  }
}

extension TrainingSet {
  /// Cuts a patch out and turns it.
  package func fill(
    _ place: PatchPlace, side: Int, input: UnsafePointer<UnsafeMutablePointer<Float>>,
    truth: UnsafeMutablePointer<Float>
  ) {
    let picture = pictures[place.picture]
    picture.truth.withUnsafeBufferPointer { target in
      picture.inputs[place.variant].withUnsafeBufferPointer { source in
        for y in 0..<side {
          for x in 0..<side {
            var (column, row) = place.orientation & 4 == 0 ? (x, y) : (y, x)
            if place.orientation & 1 != 0 { column = side - 1 - column }
            if place.orientation & 2 != 0 { row = side - 1 - row }
            let from = (place.y + row) * picture.width + place.x + column
            input[y][x] = source[from]
            truth[y * side + x] = target[from]
          }
        }
      }
    }
  }
}
