/// Pixels to be transformed into the frequency domain of Winograd's algorithm, and where to.
@frozen
public struct WinogradPixels {
  /// Each points at pixel 0.
  public let rows: UnsafePointer<UnsafePointer<Float>>
  /// Floats from a pixel to the next, and from a tile to the next in a frequency.
  public let stride: Int
  /// `[N x N][tile][channel]`
  public let target: UnsafeMutablePointer<Float>
  /// Floats from one frequency to the next.
  public let frequency: Int
  /// What the passes of a transform hand over, see `WinogradTiles.temporaryCount`.
  public let temporary: UnsafeMutablePointer<Float>
  /// Whether the pixels lie further away than in the second cache level.
  public let areFar: Bool

  @inlinable
  public init(
    rows: UnsafePointer<UnsafePointer<Float>>, stride: Int, target: UnsafeMutablePointer<Float>,
    frequency: Int, temporary: UnsafeMutablePointer<Float>, areFar: Bool
  ) {
    self.rows = rows
    self.stride = stride
    self.target = target
    self.frequency = frequency
    self.temporary = temporary
    self.areFar = areFar
  }
}

extension Winograd {
  /// Brings `count` floats of each of some rows, from `offset` on, into the cache: reads all rows side by side from left to
  /// right, which the processor foresees. The transforms read a line of this row and one of that, which it does not: they
  /// would wait for every line. What is read goes to `scratch`, a vector. (Prefetches instead are no faster.)
  @inline(always)
  public static func fetch(
    _ rows: UnsafePointer<UnsafePointer<Float>>, _ rowCount: Int, from offset: Int, count: Int,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    var sum = A.Vector()
    var at = offset
    while at < offset &+ count {
      var row = 0
      while row < rowCount {
        sum += A.load(rows[row] + at)
        row &+= 1
      }
      at &+= A.cacheLine
    }
    A.store(sum, scratch)
  }

  /// `B^T d B` of tiles `first ..< first + count` of a picture with `columns` tiles in a row; row 0 of the pixels is the
  /// one above the picture.
  ///
  /// All channels of a tile before the next: its pixels are read, and its lines of every frequency written, once.
  @inline(always)
  public static func transformInputs(_ pixels: WinogradPixels, _ first: Int, _ count: Int, _ columns: Int) {
    var tile = 0
    while tile < count {
      let (row, column) = ((first &+ tile) / columns, (first &+ tile) % columns)
      let isFirst = tile == 0 || column == 0
      if pixels.areFar, isFirst {
        fetch(
          pixels.rows + row &* M, N, from: (column &* M &- 1) &* pixels.stride,
          count: (min(columns &- column, count &- tile) &* M &+ 2) &* pixels.stride, pixels.temporary)
      }
      var channel = 0
      while channel < pixels.stride {
        transformInputs(pixels, row &* M, column &* M, channel, at: tile, isFirst: isFirst)
        channel &+= A.lanes
      }
      tile &+= 1
    }
  }

  /// `B^T d B` of one vector of channels of one tile; `isFirst`: the tile before was not its neighbour on the left.
  ///
  /// B^T goes down every column of pixels once, although neighbouring tiles overlap by two: the N values of each of the
  /// last two columns stay in `shared`.
  @inline(always)
  public static func transformInputs(
    _ pixels: WinogradPixels, _ row: Int, _ column: Int, _ channel: Int, at index: Int, isFirst: Bool
  ) {
    let values = N &* A.lanes
    let fresh = pixels.temporary
    let shared = fresh + (M &* values &+ 2 &* N &* channel)
    if isFirst {
      transformColumn(pixels, row, column &- 1, channel, shared)
      transformColumn(pixels, row, column, channel, shared + values)
    }
    for m in 0..<M { transformColumn(pixels, row, column &+ 1 &+ m, channel, fresh + m &* values) }
    let target = pixels.target + (index &* pixels.stride &+ channel)
    var i = 0
    while i < N {
      let left = shared + i &* A.lanes
      var d = InlineArray<N, A.Vector>(repeating: A.Vector())
      d[0] = A.load(left)
      d[1] = A.load(left + values)
      for m in 0..<M { d[unchecked: m &+ 2] = A.load(fresh + (m &* values &+ i &* A.lanes)) }
      A.store(d[unchecked: M], left)
      A.store(d[unchecked: M &+ 1], left + values)
      let v = T.input(d, A.self)
      for j in 0..<N { A.store(v[unchecked: j], target + (i &* N &+ j) &* pixels.frequency) }
      i &+= 1
    }
  }

  /// `B^T` of the N pixels from row `row` on, in column x.
  @inline(always)
  public static func transformColumn(
    _ pixels: WinogradPixels, _ row: Int, _ x: Int, _ channel: Int, _ target: UnsafeMutablePointer<Float>
  ) {
    let offset = x &* pixels.stride &+ channel
    var d = InlineArray<N, A.Vector>(repeating: A.Vector())
    for i in 0..<N { d[unchecked: i] = A.load(pixels.rows[row &+ i] + offset) }
    let v = T.input(d, A.self)
    for i in 0..<N { A.store(v[unchecked: i], target + i &* A.lanes) }
  }

  /// `A y A^T` of tiles `first ..< first + count` of a picture with `columns` tiles in a row, and the sums of the
  /// pixels, added to `sums`.
  @inline(always)
  public static func transformOutputGradients(
    _ pixels: WinogradPixels, _ first: Int, _ count: Int, _ columns: Int, sums: UnsafeMutablePointer<Float>
  ) {
    var tile = 0
    while tile < count {
      let (row, column) = ((first &+ tile) / columns, (first &+ tile) % columns)
      if pixels.areFar, tile == 0 || column == 0 {
        fetch(
          pixels.rows + row &* M, M, from: column &* M &* pixels.stride,
          count: min(columns &- column, count &- tile) &* M &* pixels.stride, pixels.temporary)
      }
      var channel = 0
      while channel < pixels.stride {
        transformOutputGradients(pixels, row &* M, column &* M, channel, at: tile, sums: sums)
        channel &+= A.lanes
      }
      tile &+= 1
    }
  }

  /// `A y A^T` of one vector of channels of one tile.
  @inline(always)
  public static func transformOutputGradients(
    _ pixels: WinogradPixels, _ row: Int, _ column: Int, _ channel: Int, at index: Int,
    sums: UnsafeMutablePointer<Float>
  ) {
    var sum = A.load(sums + channel)
    var j = 0
    while j < M {
      let offset = (column &+ j) &* pixels.stride &+ channel
      var y = InlineArray<M, A.Vector>(repeating: A.Vector())
      for i in 0..<M {
        y[unchecked: i] = A.load(pixels.rows[row &+ i] + offset)
        sum += y[unchecked: i]
      }
      let s: InlineArray<N, A.Vector> = T.outputGradient(y, A.self)
      for i in 0..<N { A.store(s[unchecked: i], pixels.temporary + (i &* M &+ j) &* A.lanes) }
      j &+= 1
    }
    A.store(sum, sums + channel)
    let target = pixels.target + (index &* pixels.stride &+ channel)
    var i = 0
    while i < N {
      var y = InlineArray<M, A.Vector>(repeating: A.Vector())
      for j in 0..<M { y[unchecked: j] = A.load(pixels.temporary + (i &* M &+ j) &* A.lanes) }
      let s: InlineArray<N, A.Vector> = T.outputGradient(y, A.self)
      for j in 0..<N { A.store(s[unchecked: j], target + (i &* N &+ j) &* pixels.frequency) }
      i &+= 1
    }
  }
}
