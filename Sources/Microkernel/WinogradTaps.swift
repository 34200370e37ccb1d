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
  @inline(always)
  public static func gatherTaps(_ task: WinogradTaps) {
    let (side, g) = (task.side, task.transform)
    var position = 0
    while position < task.count {
      var taps = InlineArray<3, InlineArray<3, Vector>>(repeating: InlineArray(repeating: Vector()))
      var i = 0
      while i < side {
        // A row of dU G, then what it adds to every row of G^T (dU G).
        var row = InlineArray<3, Vector>(repeating: Vector())
        var j = 0
        while j < side {
          let value = load(task.frequencies + (i &* side &+ j) &* task.frequency + position)
          for k in 0..<3 { row[unchecked: k] = multiplyAdd(row[unchecked: k], g[j &* 3 &+ k], value) }
          j &+= 1
        }
        for k in 0..<3 {
          for l in 0..<3 {
            taps[unchecked: k][unchecked: l] = multiplyAdd(
              taps[unchecked: k][unchecked: l], g[i &* 3 &+ k], row[unchecked: l])
          }
        }
        i &+= 1
      }
      for k in 0..<3 {
        for l in 0..<3 {
          store(taps[unchecked: k][unchecked: l], task.taps + (k &* 3 &+ l) &* task.count + position)
        }
      }
      position &+= lanes
    }
  }
}
