/// `sums[m][n] += broadcast(a[m * aRow + k * aStep]) * vector(b[k * bStep + n * lanes])`, summed over k: the one inner
/// loop that every kernel of the engine runs on.
///
/// ```
///               n: vectors of b
///             ┌──────┬──────┬──────┐
///    b  k ->  │      │      │      │
///             └──────┴──────┴──────┘
///        ┌─┐  ┌──────┬──────┬──────┐
///   m:   │a│  │ sums │      │      │   M x N vectors that stay in registers
/// scalars├─┤  ├──────┼──────┼──────┤   for the whole sum over k
///  of a  │a│  │      │      │      │
///        └─┘  └──────┴──────┴──────┘
/// ```
///
/// | product | m | n | k |
/// |---|---|---|---|
/// | convolution, data gradient | pixels of a row | output channels | taps of a row x input channels |
/// | weight gradient | taps of a row x input channels | output channels | pixels of a row |
/// | Winograd, per frequency | tiles | output channels | input channels |
///
/// Every sum takes its terms in the order of k, whatever M and N are: a smaller tile at an edge gives the same bits.
@frozen
public struct RegisterTile<A: Architecture, let M: Int, let N: Int> {
  public var sums: InlineArray<M, InlineArray<N, A.Vector>>

  /// All sums zero.
  @inline(always)
  public init() {
    sums = InlineArray(repeating: InlineArray(repeating: A.Vector()))
  }

  /// Adds `count` outer products to the sums; `beside` is done beside each.
  ///
  /// - Precondition: `bStep` is positive.
  @inline(always)
  public mutating func accumulate(
    _ a: UnsafePointer<Float>, row aRow: Int, step aStep: Int,
    _ b: UnsafePointer<Float>, step bStep: Int, count: Int,
    beside: () -> Void = {}
  ) {
    var a = a
    var b = b
    let end = b + count &* bStep
    while b < end {
      var vectors = InlineArray<N, A.Vector>(repeating: A.Vector())
      for n in 0..<N { vectors[unchecked: n] = A.load(b + n &* A.lanes) }
      beside()
      for m in 0..<M {
        let scalar = A.Vector(repeating: a[m &* aRow])
        for n in 0..<N {
          sums[unchecked: m][unchecked: n] = A.multiplyAdd(
            sums[unchecked: m][unchecked: n], scalar, vectors[unchecked: n])
        }
      }
      a += aStep
      b += bStep
    }
  }

  /// Takes up the sums at `source[m * row + n * lanes]`.
  @inline(always)
  public mutating func load(_ source: UnsafePointer<Float>, row: Int) {
    for m in 0..<M {
      for n in 0..<N { sums[unchecked: m][unchecked: n] = A.load(source + (m &* row &+ n &* A.lanes)) }
    }
  }

  /// Puts the sums down at `target[m * row + n * lanes]`.
  @inline(always)
  public func store(_ target: UnsafeMutablePointer<Float>, row: Int) {
    for m in 0..<M {
      for n in 0..<N { A.store(sums[unchecked: m][unchecked: n], target + (m &* row &+ n &* A.lanes)) }
    }
  }

  /// Adds the sums of another tile to these.
  @inline(always)
  public mutating func add(_ other: Self) {
    for m in 0..<M {
      for n in 0..<N { sums[unchecked: m][unchecked: n] += other.sums[unchecked: m][unchecked: n] }
    }
  }
}
