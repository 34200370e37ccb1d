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
  /// Two times N x N vectors, what the two passes of a transform hand over.
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
  /// right, which the processor foresees. The transforms read a line of this row and one of that, and come back for the next
  /// channels, which it does not: they would wait for every line. (Swift has no prefetch; what is read goes to `scratch`, a
  /// vector.)
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
      at &+= cacheLine
    }
    A.store(sum, scratch)
  }

  /// In floats.
  @inline(always)
  public static var cacheLine: Int { 16 }

  /// `B^T d B` of tiles `first ..< first + count` of a picture with `columns` tiles in a row; row 0 of the pixels is the
  /// one above the picture.
  @inline(always)
  public static func transformInputs(_ pixels: WinogradPixels, _ first: Int, _ count: Int, _ columns: Int) {
    var tile = 0
    while tile < count {
      // Tiles side by side in one row of tiles, which share columns.
      let (row, column) = ((first &+ tile) / columns, (first &+ tile) % columns)
      let run = min(columns &- column, count &- tile)
      if pixels.areFar {
        fetch(
          pixels.rows + row &* M, N, from: (column &* M &- 1) &* pixels.stride,
          count: (run &* M &+ 2) &* pixels.stride, pixels.temporary)
      }
      var channel = 0
      while channel < pixels.stride {
        transformInputs(pixels, row &* M, column &* M, run, channel, at: tile)
        channel &+= A.lanes
      }
      tile &+= run
    }
  }

  /// `B^T d B` of one vector of channels of `run` tiles side by side.
  ///
  /// B^T goes down every column of pixels once, although neighbouring tiles overlap by two: the N values of each of the
  /// last M columns stay in `fresh`, and of the M before in `previous`, whose last two are the tile's first two.
  @inline(always)
  public static func transformInputs(
    _ pixels: WinogradPixels, _ row: Int, _ column: Int, _ run: Int, _ channel: Int, at index: Int
  ) {
    let values = N &* A.lanes
    var previous = pixels.temporary
    var fresh = pixels.temporary + M &* values
    var x = column &- 1
    transformColumn(pixels, row, x, channel, previous + (M &- 2) &* values)
    transformColumn(pixels, row, x &+ 1, channel, previous + (M &- 1) &* values)
    x &+= 2
    var target = pixels.target + (index &* pixels.stride &+ channel)
    var tile = 0
    while tile < run {
      for m in 0..<M { transformColumn(pixels, row, x &+ m, channel, fresh + m &* values) }
      var i = 0
      while i < N {
        var d = InlineArray<N, A.Vector>(repeating: A.Vector())
        d[0] = A.load(previous + ((M &- 2) &* values &+ i &* A.lanes))
        d[1] = A.load(previous + ((M &- 1) &* values &+ i &* A.lanes))
        for m in 0..<M { d[unchecked: m &+ 2] = A.load(fresh + (m &* values &+ i &* A.lanes)) }
        let v = T.input(d, A.self)
        for j in 0..<N { A.store(v[unchecked: j], target + (i &* N &+ j) &* pixels.frequency) }
        i &+= 1
      }
      swap(&previous, &fresh)
      target += pixels.stride
      x &+= M
      tile &+= 1
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
