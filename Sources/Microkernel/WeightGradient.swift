extension Architecture {
  /// Output channels `channel ..< channel + N vectors` of the gradient:
  /// `gradient[tap row][k][o] += sum over pixels of input[pixel][k] * outputGradient[pixel][o]`, where k runs over the
  /// three taps of a row and their channels, which lie one after the other in memory from pixel -1 on.
  ///
  /// A few rows at a time, so that the rows of `outputGradients` stay in the L1 cache while all of k passes over them.
  /// M divides `3 * inputStride` (a multiple of 48), or that is 3.
  @inline(always)
  public static func accumulatePanel<let M: Int, let N: Int>(
    _ task: WeightGradientRows, channel: Int, rowsAtOnce: Int, tile: RegisterTile<Self, M, N>.Type
  ) {
    var row = 0
    while row < task.rows {
      let rows = min(rowsAtOnce, task.rows &- row)
      if task.inputStride == 1 {
        accumulateRows(task, row, rows, channel, RegisterTile<Self, 3, N>.self)
      } else {
        accumulateRows(task, row, rows, channel, tile)
      }
      row &+= rows
    }
    accumulateBias(task, channel: channel, RegisterTile<Self, 1, N>.self)
  }

  @inline(always)
  public static func accumulateRows<let M: Int, let N: Int>(
    _ task: WeightGradientRows, _ first: Int, _ rows: Int, _ channel: Int, _: RegisterTile<Self, M, N>.Type
  ) {
    let taps = 3 &* task.inputStride
    let panel = N &* lanes
    var target = task.gradient + channel &* 9 &* task.inputStride
    var tapRow = 0
    while tapRow < 3 {
      var k = 0
      while k < taps {
        var tile = RegisterTile<Self, M, N>()
        tile.load(target, row: panel)
        var row = first
        while row < first &+ rows {
          tile.accumulate(
            task.inputs[row &+ tapRow] + (k &- task.inputStride), row: 1, step: task.inputStride,
            task.outputGradients[row] + channel, step: task.outputStride, count: task.width)
          row &+= 1
        }
        tile.store(target, row: panel)
        target += M &* panel
        k &+= M
      }
      tapRow &+= 1
    }
  }

  /// `biasGradient[o] += sum over pixels of outputGradient[pixel][o]`: the same tile, with ones on the left.
  @inline(always)
  public static func accumulateBias<let N: Int>(
    _ task: WeightGradientRows, channel: Int, _: RegisterTile<Self, 1, N>.Type
  ) {
    var one: Float = 1
    withUnsafePointer(to: &one) { one in
      var tile = RegisterTile<Self, 1, N>()
      tile.load(task.biasGradient + channel, row: 0)
      var row = 0
      while row < task.rows {
        tile.accumulate(
          one, row: 0, step: 0, task.outputGradients[row] + channel, step: task.outputStride,
          count: task.width)
        row &+= 1
      }
      tile.store(task.biasGradient + channel, row: 0)
    }
  }

  /// The gradient of a layer with one output channel: `gradient[tap row][k] += sum over pixels of
  /// outputGradient[pixel] * input[pixel][k]`, the roles of left and right exchanged. The tile is 48 floats wide.
  @inline(always)
  public static func accumulateSingleOutput<let N: Int>(
    _ task: WeightGradientRows, tile: RegisterTile<Self, 1, N>.Type
  ) {
    let taps = 3 &* task.inputStride
    var target = task.gradient
    var tapRow = 0
    while tapRow < 3 {
      var k = 0
      while k < taps {
        if task.inputStride == 1 {
          target[0] = sumOfProducts(task, tapRow, k, target[0])
          target += 1
          k &+= 1
        } else {
          var tile = RegisterTile<Self, 1, N>()
          tile.load(target, row: 0)
          var row = 0
          while row < task.rows {
            tile.accumulate(
              task.outputGradients[row], row: 0, step: 1,
              task.inputs[row &+ tapRow] + (k &- task.inputStride), step: task.inputStride, count: task.width)
            row &+= 1
          }
          tile.store(target, row: 0)
          target += N &* lanes
          k &+= N &* lanes
        }
      }
      tapRow &+= 1
    }
    task.biasGradient[0] = sumOfGradients(task, task.biasGradient[0])
  }

  /// One input and one output channel.
  @inline(always)
  public static func sumOfProducts(_ task: WeightGradientRows, _ tapRow: Int, _ tap: Int, _ start: Float)
    -> Float
  {
    var sum = start
    var row = 0
    while row < task.rows {
      var x = 0
      while x < task.width {
        sum += task.outputGradients[row][x] * task.inputs[row &+ tapRow][x &+ tap &- 1]
        x &+= 1
      }
      row &+= 1
    }
    return sum
  }

  @inline(always)
  public static func sumOfGradients(_ task: WeightGradientRows, _ start: Float) -> Float {
    var sum = start
    var row = 0
    while row < task.rows {
      var x = 0
      while x < task.width {
        sum += task.outputGradients[row][x]
        x &+= 1
      }
      row &+= 1
    }
    return sum
  }
}
