/// `G^T dU G` of many pairs of channels side by side: of a gradient in the frequency domain of Winograd's algorithm, that of
/// the 3x3 taps.
@frozen
public struct WinogradTaps {
  /// `[side x side][count]`
  public let frequencies: UnsafePointer<Float>
  /// Floats from one frequency to the next.
  public let frequency: Int
  /// `[3 x 3][count]`
  public let taps: UnsafeMutablePointer<Float>
  /// A multiple of 16.
  public let count: Int
  /// G: `side` rows of three.
  public let transform: UnsafePointer<Float>
  public let side: Int

  @inlinable
  public init(
    frequencies: UnsafePointer<Float>, frequency: Int, taps: UnsafeMutablePointer<Float>, count: Int,
    transform: UnsafePointer<Float>, side: Int
  ) {
    self.frequencies = frequencies
    self.frequency = frequency
    self.taps = taps
    self.count = count
    self.transform = transform
    self.side = side
  }
}

extension Architecture {
  /// All of it piece by piece, row by row of frequencies: as many streams are read side by side as the processor foresees, and
  /// the taps stay in the first level of the cache until all rows have been added.
  @inline(always)
  public static func gatherTaps(_ task: WinogradTaps) {
    let piece = 32 &* lanes
    var first = 0
    while first < task.count {
      let end = min(first &+ piece, task.count)
      var row = 0
      while row < task.side {
        var position = first
        while position < end {
          gatherTaps(task, row: row, at: position)
          position &+= lanes
        }
        row &+= 1
      }
      first = end
    }
  }

  /// What a row of frequencies contributes: a row of dU G, then what it adds to every row of G^T (dU G).
  @inline(always)
  public static func gatherTaps(_ task: WinogradTaps, row i: Int, at position: Int) {
    let (side, g) = (task.side, task.transform)
    var row = InlineArray<3, Vector>(repeating: Vector())
    var j = 0
    while j < side {
      let value = load(task.frequencies + (i &* side &+ j) &* task.frequency + position)
      for k in 0..<3 { row[unchecked: k] = multiplyAdd(row[unchecked: k], g[j &* 3 &+ k], value) }
      j &+= 1
    }
    for k in 0..<3 {
      for l in 0..<3 {
        let tap = task.taps + (k &* 3 &+ l) &* task.count + position
        let sum = i == 0 ? Vector() : load(UnsafePointer(tap))
        store(multiplyAdd(sum, g[i &* 3 &+ k], row[unchecked: l]), tap)
      }
    }
  }
}
