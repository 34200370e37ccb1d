/// `c[rows][columns] = a[rows][inner] * b`, with b in panels `[inner][columns of the panel]`, all without gaps.
///
/// Where there are as many columns as terms, c may take the place of a: all in one panel the same, else M rows before it in
/// panels of one width, for a row is read to its end before it is written. The next product's b is taken to follow b.
@frozen
public struct TileProduct {
  public let a: UnsafePointer<Float>
  public let b: UnsafePointer<Float>
  public let c: UnsafeMutablePointer<Float>
  public let rows: Int
  public let inner: Int
  public let columns: Int
  /// Longer sums are cut into pieces of so many terms, which loses less precision.
  public let termsAtOnce: Int
  /// Whether c takes the place of a.
  public let inPlace: Bool

  @inlinable
  public init(
    a: UnsafePointer<Float>, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
    rows: Int, inner: Int, columns: Int, termsAtOnce: Int, inPlace: Bool
  ) {
    self.a = a
    self.b = b
    self.c = c
    self.rows = rows
    self.inner = inner
    self.columns = columns
    self.termsAtOnce = termsAtOnce
    self.inPlace = inPlace
  }
}

extension Architecture {
  /// Columns `first ..< end` of a product, in panels of N vectors: tiles of M rows, then what is left in tiles of R rows
  /// where those are fewer rows than one more of M. The last tile may reach beyond the rows, by less than R, at most
  /// `WinogradTiles.rowsBeyond`: what it computes there is never read.
  ///
  /// A panel after the other, each for all rows while it is in the first cache level; in place all panels, which fit
  /// there together, for some rows after the other.
  @inline(always)
  public static func multiplyPanels<let M: Int, let R: Int, let N: Int>(
    _ product: TileProduct, from first: Int, to end: Int, tile: RegisterTile<Self, M, N>.Type,
    rest: RegisterTile<Self, R, N>.Type
  ) {
    let together = product.inPlace ? end &- first : N &* lanes
    var start = first
    while start < end {
      var row = 0
      while row < product.rows {
        let left = product.rows &- row
        let isWhole = (left &+ R &- 1) / R &* R >= M
        var column = start
        while column < start &+ together {
          if isWhole {
            multiplyTile(product, row, column, tile)
          } else {
            multiplyTile(product, row, column, rest)
          }
          column &+= N &* lanes
        }
        row &+= isWhole ? M : R
      }
      start &+= together
    }
  }

  /// M rows by N vectors of a product: pieces of `termsAtOnce` terms, added up in order.
  ///
  /// Beside it a part of the next product's panel is asked for, so that all tiles together, if they are not just a few,
  /// bring it to the second cache level, evenly: all frequencies' weights are larger than that, and the processor's own
  /// prefetchers stop where a page ends.
  @inline(always)
  public static func multiplyTile<let M: Int, let N: Int>(
    _ product: TileProduct, _ row: Int, _ column: Int, _: RegisterTile<Self, M, N>.Type
  ) {
    let panel = N &* lanes
    let a = product.a + row &* product.inner
    let b = product.b + column &* product.inner
    let share = (panel &+ product.rows &- 1) / product.rows
    var ahead = b + (product.columns &+ row &* share) &* product.inner
    let fetchNext = {
      prefetch(ahead)
      ahead += M &* share
    }
    var total = RegisterTile<Self, M, N>()
    var k = min(product.termsAtOnce, product.inner)
    total.accumulate(a, row: product.inner, step: 1, b, step: panel, count: k, beside: fetchNext)
    while k < product.inner {
      let count = min(product.termsAtOnce, product.inner &- k)
      var piece = RegisterTile<Self, M, N>()
      piece.accumulate(
        a + k, row: product.inner, step: 1, b + k &* panel, step: panel, count: count, beside: fetchNext)
      total.add(piece)
      k &+= count
    }
    total.store(product.c + (row &* product.columns &+ column), row: product.columns)
  }
}
