/// `c[rows][columns] = a[rows][inner] * b`, with b in panels `[inner][columns of the panel]`, all without gaps.
///
/// c may be a where there are as many columns as terms, all in one panel: a row is read to its end before it is written.
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
  /// Where the sums of the pieces before the last stay meanwhile: 24 vectors, the most that a register tile has.
  public let partial: UnsafeMutablePointer<Float>

  @inlinable
  public init(
    a: UnsafePointer<Float>, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
    rows: Int, inner: Int, columns: Int, termsAtOnce: Int, partial: UnsafeMutablePointer<Float>
  ) {
    self.a = a
    self.b = b
    self.c = c
    self.rows = rows
    self.inner = inner
    self.columns = columns
    self.termsAtOnce = termsAtOnce
    self.partial = partial
  }
}

extension Architecture {
  /// Columns `column ..< column + N vectors` of a product: tiles of M rows, then what is left in tiles of R rows where
  /// those are fewer rows than one more of M. The last tile may reach beyond the rows, by less than R, at most
  /// `WinogradTiles.rowsBeyond`: what it computes there is never read.
  @inline(always)
  public static func multiplyPanel<let M: Int, let R: Int, let N: Int>(
    _ product: TileProduct, column: Int, tile: RegisterTile<Self, M, N>.Type,
    rest: RegisterTile<Self, R, N>.Type
  ) {
    var row = 0
    while row < product.rows {
      let left = product.rows &- row
      if (left &+ R &- 1) / R &* R >= M {
        multiplyTile(product, row, column, tile)
        row &+= M
      } else {
        multiplyTile(product, row, column, rest)
        row &+= R
      }
    }
  }

  /// M rows by N vectors of a product: pieces of `termsAtOnce` terms, added up in order.
  @inline(always)
  public static func multiplyTile<let M: Int, let N: Int>(
    _ product: TileProduct, _ row: Int, _ column: Int, _: RegisterTile<Self, M, N>.Type
  ) {
    var k = 0
    while k < product.inner {
      let count = min(product.termsAtOnce, product.inner &- k)
      var tile = RegisterTile<Self, M, N>()
      tile.accumulate(
        product.a + (row &* product.inner &+ k), row: product.inner, step: 1,
        product.b + (column &* product.inner &+ k &* N &* lanes), step: N &* lanes,
        count: count)
      if k > 0 { tile.add(UnsafePointer(product.partial), row: N &* lanes) }
      k &+= count
      if k < product.inner {
        tile.store(product.partial, row: N &* lanes)
      } else {
        tile.store(product.c + (row &* product.columns &+ column), row: product.columns)
      }
    }
  }
}
