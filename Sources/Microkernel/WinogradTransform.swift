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
}

/// F(6x6, 3x3) at the points 0, +-1/2, +-1, +-2 and infinity: 64 products for 36 outputs instead of 324.
///
/// With a = 1/2, b = 1, c = 2, the elementary symmetric polynomials e1, e2, e3 of a², b², c², and for the pair a those of the
/// other two, s = b² + c² and t = b² c² (likewise for b and c):
///
/// ```
///       | -e3   0    e2   0  -e1   0   1  0 |          | 1  1   1   1   1   1   1   0 |
///       |  0    at   t   -as -s    a   1  0 |          | 0  a  -a   b  -b   c  -c   0 |
/// B^T = |  0   -at   t    as -s   -a   1  0 |    A^T = | 0  a²  a²  b²  b²  c²  c²  0 |
///       |  ... likewise for b and for c ... |          | ...                          |
///       |  0   -e3   0    e2  0   -e1  0  1 |          | 0  a⁵ -a⁵  b⁵ -b⁵  c⁵ -c⁵  1 |
/// ```
///
/// A search over multiples of 1/8 found no better points. All coefficients are exact floats.
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
    let (a, b, c) = points
    let (a2, b2, c2) = (a * a, b * b, c * c)
    /// `x[6] - (p + q) x[4] + p q x[2]`, and the same one index down.
    @inline(always)
    func quartic(_ first: Int, _ p: Float, _ q: Float) -> A.Vector {
      A.multiplyAdd(A.multiplyAdd(d[first &+ 4], -p - q, d[first &+ 2]), p * q, d[first])
    }
    @inline(always)
    func sextic(_ first: Int) -> A.Vector {
      A.multiplyAdd(
        A.multiplyAdd(
          A.multiplyAdd(d[first &+ 6], -a2 - b2 - c2, d[first &+ 4]), a2 * b2 + a2 * c2 + b2 * c2,
          d[first &+ 2]),
        -a2 * b2 * c2, d[first])
    }
    let even = (a: quartic(2, b2, c2), b: quartic(2, a2, c2), c: quartic(2, a2, b2))
    let odd = (a: quartic(1, b2, c2), b: quartic(1, a2, c2), c: quartic(1, a2, b2))
    var v = d
    v[0] = sextic(0)
    v[1] = A.multiplyAdd(even.a, a, odd.a)
    v[2] = A.multiplyAdd(even.a, -a, odd.a)
    v[3] = A.multiplyAdd(even.b, b, odd.b)
    v[4] = A.multiplyAdd(even.b, -b, odd.b)
    v[5] = A.multiplyAdd(even.c, c, odd.c)
    v[6] = A.multiplyAdd(even.c, -c, odd.c)
    v[7] = sextic(1)
    return v
  }

  @inline(always)
  public static func output<A: Architecture, let N: Int, let M: Int>(_ s: InlineArray<N, A.Vector>, _: A.Type)
    -> InlineArray<M, A.Vector>
  {
    let (a, b, c) = points
    let (a2, b2, c2) = (a * a, b * b, c * c)
    let even = (a: s[1] + s[2], b: s[3] + s[4], c: s[5] + s[6])
    let odd = (a: s[1] - s[2], b: s[3] - s[4], c: s[5] - s[6])
    /// `p x.a + q x.b + r x.c`
    @inline(always)
    func sum(_ p: Float, _ q: Float, _ r: Float, _ x: (a: A.Vector, b: A.Vector, c: A.Vector)) -> A.Vector {
      A.multiplyAdd(A.multiplyAdd(x.a * p, q, x.b), r, x.c)
    }
    var y = InlineArray<M, A.Vector>(repeating: s[0])
    y[0] = s[0] + sum(1, 1, 1, even)
    y[1] = sum(a, b, c, odd)
    y[2] = sum(a2, b2, c2, even)
    y[3] = sum(a * a2, b * b2, c * c2, odd)
    y[4] = sum(a2 * a2, b2 * b2, c2 * c2, even)
    y[5] = s[7] + sum(a * a2 * a2, b * b2 * b2, c * c2 * c2, odd)
    return y
  }
}
