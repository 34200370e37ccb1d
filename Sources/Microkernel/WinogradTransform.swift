/// The three small matrices of Winograd's convolution F(m x m, 3 x 3), in one dimension: `y = A^T [(G w) * (B^T d)]`
/// gives m outputs y from the m + 2 inputs d under the three taps w with m + 2 products instead of 3 m.
///
/// It is the product of polynomials by way of their values at m + 1 points and at infinity (Toom and Cook; Winograd,
/// "Arithmetic complexity of computations", 1980; Lavin and Gray, "Fast algorithms for convolutional neural networks",
/// CVPR 2016). The points here are 0 and pairs +p, -p. With Q_j(x) the product of (x - q) over all points q but p_j:
///
/// ```
///            B^T                           G                         A^T
/// point j    coefficients of Q_j(x)        (1, p, p^2) / Q_j(p)      column (1, p, p^2, ..., p^(m-1))
/// infinity   those of all (x - q)          (0, 0, 1)                 column (0, ..., 0, 1)
/// ```
///
/// The rows of B^T for +p and -p are an even part plus and minus p times an odd part, so a pair shares both; likewise
/// the columns of A^T. The points decide how much of a float's precision is lost, see the conforming types.
public protocol WinogradTransform {
  /// The products' sums are cut into pieces of so many terms, to lose less precision.
  static var termsAtOnce: Int { get }

  /// `B^T d`: m + 2 vectors from m + 2.
  static func input<A: Architecture, let N: Int>(_ d: InlineArray<N, A.Vector>, _: A.Type)
    -> InlineArray<N, A.Vector>

  /// `A^T s`: m vectors from m + 2.
  static func output<A: Architecture, let N: Int, let M: Int>(_ s: InlineArray<N, A.Vector>, _: A.Type)
    -> InlineArray<M, A.Vector>

  /// `A y`: m + 2 vectors from m, the transpose of `output`.
  static func outputGradient<A: Architecture, let N: Int, let M: Int>(
    _ y: InlineArray<M, A.Vector>, _: A.Type
  )
    -> InlineArray<N, A.Vector>
}

extension Architecture {
  /// `sum + a * b` for a constant a.
  @inline(always)
  public static func multiplyAdd(_ sum: Vector, _ a: Float, _ b: Vector) -> Vector {
    multiplyAdd(sum, Vector(repeating: a), b)
  }
}

/// F(4x4, 3x3) at the points 0, +-5/8, +-3/2 and infinity: 36 products for 16 outputs instead of 144.
///
/// With a = 5/8 and b = 3/2:
///
/// ```
///       | a²b²   0    -a²-b²   0      1   0 |          | 1  1   1   1   1   0 |
///       | 0    -ab²   -b²      a      1   0 |    A^T = | 0  a  -a   b  -b   0 |
/// B^T = | 0     ab²   -b²     -a      1   0 |          | 0  a²  a²  b²  b²  0 |
///       | 0    -a²b   -a²      b      1   0 |          | 0  a³ -a³  b³ -b³  1 |
///       | 0     a²b   -a²     -b      1   0 |
///       | 0     a²b²   0      -a²-b²  0   1 |
/// ```
///
/// The points that are common elsewhere, +-1 and +-2, lose twice as much precision; all coefficients here are exact floats.
@frozen
public enum WinogradF4: WinogradTransform {
  @inline(always)
  public static var points: (Float, Float) { (0.625, 1.5) }

  @inline(always)
  public static var termsAtOnce: Int { .max }

  @inline(always)
  public static func input<A: Architecture, let N: Int>(_ d: InlineArray<N, A.Vector>, _: A.Type)
    -> InlineArray<N, A.Vector>
  {
    let (a, b) = points
    let (a2, b2) = (a * a, b * b)
    let even = (a: A.multiplyAdd(d[4], -b2, d[2]), b: A.multiplyAdd(d[4], -a2, d[2]))
    let odd = (a: A.multiplyAdd(d[3], -b2, d[1]), b: A.multiplyAdd(d[3], -a2, d[1]))
    var v = d
    v[0] = A.multiplyAdd(A.multiplyAdd(d[4], -a2 - b2, d[2]), a2 * b2, d[0])
    v[1] = A.multiplyAdd(even.a, a, odd.a)
    v[2] = A.multiplyAdd(even.a, -a, odd.a)
    v[3] = A.multiplyAdd(even.b, b, odd.b)
    v[4] = A.multiplyAdd(even.b, -b, odd.b)
    v[5] = A.multiplyAdd(A.multiplyAdd(d[5], -a2 - b2, d[3]), a2 * b2, d[1])
    return v
  }

  @inline(always)
  public static func output<A: Architecture, let N: Int, let M: Int>(_ s: InlineArray<N, A.Vector>, _: A.Type)
    -> InlineArray<M, A.Vector>
  {
    let (a, b) = points
    let (a2, b2) = (a * a, b * b)
    let even = (a: s[1] + s[2], b: s[3] + s[4])
    let odd = (a: s[1] - s[2], b: s[3] - s[4])
    var y = InlineArray<M, A.Vector>(repeating: s[0])
    y[0] = s[0] + (even.a + even.b)
    y[1] = A.multiplyAdd(odd.a * a, b, odd.b)
    y[2] = A.multiplyAdd(even.a * a2, b2, even.b)
    y[3] = A.multiplyAdd(A.multiplyAdd(s[5], a * a2, odd.a), b * b2, odd.b)
    return y
  }

  @inline(always)
  public static func outputGradient<A: Architecture, let N: Int, let M: Int>(
    _ y: InlineArray<M, A.Vector>, _: A.Type
  )
    -> InlineArray<N, A.Vector>
  {
    let (a, b) = points
    let (a2, b2) = (a * a, b * b)
    let even = (a: A.multiplyAdd(y[0], a2, y[2]), b: A.multiplyAdd(y[0], b2, y[2]))
    let odd = (a: A.multiplyAdd(y[1], a2, y[3]), b: A.multiplyAdd(y[1], b2, y[3]))
    var s = InlineArray<N, A.Vector>(repeating: y[0])
    s[1] = A.multiplyAdd(even.a, a, odd.a)
    s[2] = A.multiplyAdd(even.a, -a, odd.a)
    s[3] = A.multiplyAdd(even.b, b, odd.b)
    s[4] = A.multiplyAdd(even.b, -b, odd.b)
    s[5] = y[3]
    return s
  }
}

/// F(6x6, 3x3) at the points 0, +-1/2, +-1, +-2 and infinity: 64 products for 36 outputs instead of 324.
///
/// With a = 1/2 and c = 1/a the polynomials of the points 0 and infinity are (x² - a²)(x² - 1)(x² - c²) =
/// x⁶ - e x⁴ + e x² - 1, where e = 1 + a² + c²:
///
/// ```
///       | -1   0     e    0      -e     0   1  0 |          | 1  1   1   1   1   1   1   0 |
///       |  0   ac²   c²  -a-ac²  -1-c²  a   1  0 |          | 0  a  -a   1  -1   c  -c   0 |
///       |  0  -ac²   c²   a+ac²  -1-c² -a   1  0 |          | 0  a²  a²  1   1   c²  c²  0 |
/// B^T = |  0   1     1   -a²-c²  -a²-c² 1   1  0 |    A^T = | 0  a³ -a³  1  -1   c³ -c³  0 |
///       |  0  -1     1    a²+c²  -a²-c² -1  1  0 |          | 0  a⁴  a⁴  1   1   c⁴  c⁴  0 |
///       |  0   ca²   a²  -c-ca²  -1-a²  c   1  0 |          | 0  a⁵ -a⁵  1  -1   c⁵ -c⁵  1 |
///       |  0  -ca²   a²   c+ca²  -1-a² -c   1  0 |
///       |  0  -1     0    e       0    -e   0  1 |
/// ```
///
/// A search over multiples of 1/8 found no points that lose less precision. All coefficients are exact floats.
@frozen
public enum WinogradF6: WinogradTransform {
  @inline(always)
  public static var points: (Float, Float, Float) { (0.5, 1, 2) }

  /// Of 64 channels in two pieces: a fifth less error for a twentieth of the speed.
  @inline(always)
  public static var termsAtOnce: Int { 32 }

  @inline(always)
  public static func input<A: Architecture, let N: Int>(_ d: InlineArray<N, A.Vector>, _: A.Type)
    -> InlineArray<N, A.Vector>
  {
    let (a, _, c) = points
    let (a2, c2) = (a * a, c * c)
    let even = (
      a: A.multiplyAdd(A.multiplyAdd(d[6], -1 - c2, d[4]), c2, d[2]),
      one: A.multiplyAdd(d[6] + d[2], -a2 - c2, d[4]),
      c: A.multiplyAdd(A.multiplyAdd(d[6], -1 - a2, d[4]), a2, d[2])
    )
    let odd = (
      a: A.multiplyAdd(A.multiplyAdd(d[5], -1 - c2, d[3]), c2, d[1]),
      one: A.multiplyAdd(d[5] + d[1], -a2 - c2, d[3]),
      c: A.multiplyAdd(A.multiplyAdd(d[5], -1 - a2, d[3]), a2, d[1])
    )
    var v = d
    v[0] = A.multiplyAdd(d[6] - d[0], 1 + a2 + c2, d[2] - d[4])
    v[1] = A.multiplyAdd(even.a, a, odd.a)
    v[2] = A.multiplyAdd(even.a, -a, odd.a)
    v[3] = even.one + odd.one
    v[4] = even.one - odd.one
    v[5] = A.multiplyAdd(even.c, c, odd.c)
    v[6] = A.multiplyAdd(even.c, -c, odd.c)
    v[7] = A.multiplyAdd(d[7] - d[1], 1 + a2 + c2, d[3] - d[5])
    return v
  }

  @inline(always)
  public static func output<A: Architecture, let N: Int, let M: Int>(_ s: InlineArray<N, A.Vector>, _: A.Type)
    -> InlineArray<M, A.Vector>
  {
    let (a, _, c) = points
    let (a2, c2) = (a * a, c * c)
    let even = (a: s[1] + s[2], one: s[3] + s[4], c: s[5] + s[6])
    let odd = (a: s[1] - s[2], one: s[3] - s[4], c: s[5] - s[6])
    var y = InlineArray<M, A.Vector>(repeating: s[0])
    y[0] = (s[0] + even.one) + (even.a + even.c)
    y[1] = A.multiplyAdd(A.multiplyAdd(odd.one, a, odd.a), c, odd.c)
    y[2] = A.multiplyAdd(A.multiplyAdd(even.one, a2, even.a), c2, even.c)
    y[3] = A.multiplyAdd(A.multiplyAdd(odd.one, a * a2, odd.a), c * c2, odd.c)
    y[4] = A.multiplyAdd(A.multiplyAdd(even.one, a2 * a2, even.a), c2 * c2, even.c)
    y[5] = A.multiplyAdd(A.multiplyAdd(s[7] + odd.one, a * a2 * a2, odd.a), c * c2 * c2, odd.c)
    return y
  }

  @inline(always)
  public static func outputGradient<A: Architecture, let N: Int, let M: Int>(
    _ y: InlineArray<M, A.Vector>, _: A.Type
  )
    -> InlineArray<N, A.Vector>
  {
    let (a, _, c) = points
    let (a2, c2) = (a * a, c * c)
    let even = (
      a: A.multiplyAdd(A.multiplyAdd(y[0], a2, y[2]), a2 * a2, y[4]),
      one: (y[0] + y[2]) + y[4],
      c: A.multiplyAdd(A.multiplyAdd(y[0], c2, y[2]), c2 * c2, y[4])
    )
    let odd = (
      a: A.multiplyAdd(A.multiplyAdd(y[1], a2, y[3]), a2 * a2, y[5]),
      one: (y[1] + y[3]) + y[5],
      c: A.multiplyAdd(A.multiplyAdd(y[1], c2, y[3]), c2 * c2, y[5])
    )
    var s = InlineArray<N, A.Vector>(repeating: y[0])
    s[1] = A.multiplyAdd(even.a, a, odd.a)
    s[2] = A.multiplyAdd(even.a, -a, odd.a)
    s[3] = even.one + odd.one
    s[4] = even.one - odd.one
    s[5] = A.multiplyAdd(even.c, c, odd.c)
    s[6] = A.multiplyAdd(even.c, -c, odd.c)
    s[7] = y[5]
    return s
  }
}
