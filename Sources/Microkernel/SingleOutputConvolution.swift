/// `sums[m] += vector(a[m * aRow + k]) * vector(b[k])`, summed over vectors k: M dot products with a common right side.
///
/// The kernel of a layer with one output channel, where `RegisterTile` would leave all lanes but one idle.
@frozen
public struct DotTile<A: Architecture, let M: Int> {
  public var sums: InlineArray<M, A.Vector>

  @inline(always)
  public init() {
    sums = InlineArray(repeating: A.Vector())
  }

  /// Adds `count` products to each sum; `count` is a multiple of the lanes.
  @inline(always)
  public mutating func accumulate(
    _ a: UnsafePointer<Float>, row aRow: Int, _ b: UnsafePointer<Float>, count: Int
  ) {
    var k = 0
    while k < count {
      let vector = A.load(b + k)
      for m in 0..<M {
        sums[unchecked: m] = A.multiplyAdd(sums[unchecked: m], A.load(a + (m &* aRow &+ k)), vector)
      }
      k &+= A.lanes
    }
  }
}

extension Architecture {
  /// A 3x3 convolution to one output channel: dot products over the input channels, 8 pixels at a time so that each
  /// vector of weights is loaded once for the eight. The pixels of a row's end slide left as in `convolvePanel`.
  @inline(always)
  public static func convolveSingleOutput(_ task: ConvolutionRows) {
    var row = 0
    while row < task.rows {
      if task.inputStride == 1 {
        var x = 0
        while x < task.width {
          convolveSinglePixel(task, row, x)
          x &+= 1
        }
      } else if task.width < 8 {
        var x = 0
        while x < task.width {
          convolveDots(task, row, x, DotTile<Self, 1>.self)
          x &+= 1
        }
      } else {
        var x = 0
        while x < task.width {
          convolveDots(task, row, min(x, task.width &- 8), DotTile<Self, 8>.self)
          x &+= 8
        }
      }
      row &+= 1
    }
  }

  @inline(always)
  public static func convolveDots<let M: Int>(
    _ task: ConvolutionRows, _ row: Int, _ x: Int, _: DotTile<Self, M>.Type
  ) {
    let count = 3 &* task.inputStride
    var tile = DotTile<Self, M>()
    var tapRow = 0
    while tapRow < 3 {
      tile.accumulate(
        task.inputs[row &+ tapRow] + (x &- 1) &* task.inputStride, row: task.inputStride,
        task.weights + tapRow &* count, count: count)
      tapRow &+= 1
    }
    // In two loops, of which the first is so short that it is unrolled: see `RegisterTile.finish`.
    var totals = InlineArray<M, Float>(repeating: 0)
    for m in 0..<M { totals[unchecked: m] = total(tile.sums[unchecked: m]) }
    for m in 0..<M { finish(task, row, at: x &+ m, totals[unchecked: m]) }
  }

  /// One input and one output channel: nine products.
  @inline(always)
  public static func convolveSinglePixel(_ task: ConvolutionRows, _ row: Int, _ x: Int) {
    var sum = Vector()
    var tap = 0
    while tap < 9 {
      let pixel = task.inputs[row &+ tap / 3][x &+ tap % 3 &- 1]
      sum = multiplyAdd(sum, Vector(repeating: pixel), Vector(repeating: task.weights[tap]))
      tap &+= 1
    }
    finish(task, row, at: x, sum[0])
  }

  @inline(always)
  public static func finish(_ task: ConvolutionRows, _ row: Int, at offset: Int, _ sum: Float) {
    var sum = sum + task.bias[0]
    if let addends = task.addends { sum += addends[row][offset] }
    if task.relu, sum < 0 { sum = 0 }
    if let gates = task.gates, gates[row][offset] <= 0 { sum = 0 }
    task.outputs[row][offset] = sum
  }
}
