extension Architecture {
  /// Output channels `channel ..< channel + N vectors` of every row: tiles of M pixels, the last of which slides left
  /// over pixels that are already done (it writes the same bits again); rows narrower than M go pixel by pixel.
  @inline(always)
  public static func convolvePanel<let M: Int, let N: Int>(
    _ task: ConvolutionRows, channel: Int, tile: RegisterTile<Self, M, N>.Type
  ) {
    let weights = task.weights + channel &* 9 &* task.inputStride
    var row = 0
    while row < task.rows {
      if task.width < M {
        var x = 0
        while x < task.width {
          convolveTile(task, row, x, channel, weights, RegisterTile<Self, 1, N>.self)
          x &+= 1
        }
      } else {
        var x = 0
        while x < task.width {
          convolveTile(task, row, min(x, task.width &- M), channel, weights, tile)
          x &+= M
        }
      }
      row &+= 1
    }
  }

  /// M pixels from x on x N vectors of output channels, over all nine taps and all input channels.
  ///
  /// The three taps of a row and their channels lie one after the other in memory, so they are one sum over k.
  @inline(always)
  public static func convolveTile<let M: Int, let N: Int>(
    _ task: ConvolutionRows, _ row: Int, _ x: Int, _ channel: Int, _ weights: UnsafePointer<Float>,
    _: RegisterTile<Self, M, N>.Type
  ) {
    let count = 3 &* task.inputStride
    let panel = N &* lanes
    var tile = RegisterTile<Self, M, N>()
    var tapRow = 0
    while tapRow < 3 {
      tile.accumulate(
        task.inputs[row &+ tapRow] + (x &- 1) &* task.inputStride, row: task.inputStride, step: 1,
        weights + tapRow &* count &* panel, step: panel, count: count)
      tapRow &+= 1
    }
    let offset = x &* task.outputStride &+ channel
    if task.addends == nil, task.gates == nil {
      tile.finish(bias: task.bias + channel, relu: task.relu)
      tile.store(task.outputs[row] + offset, row: task.outputStride)
    } else {
      tile.store(task.outputs[row] + offset, row: task.outputStride)
      var m = 0
      while m < M {
        for n in 0..<N {
          finish(
            task, row, at: offset &+ m &* task.outputStride &+ n &* lanes,
            bias: load(task.bias + (channel &+ n &* lanes)))
        }
        m &+= 1
      }
    }
  }

  /// What follows the sum over taps and channels, which lies where the result will be: bias, residual, ReLU, the gate of a
  /// ReLU's gradient.
  @inline(always)
  public static func finish(_ task: ConvolutionRows, _ row: Int, at offset: Int, bias: Vector) {
    let output = task.outputs[row] + offset
    var sum = load(UnsafePointer(output)) + bias
    if let addends = task.addends { sum += load(addends[row] + offset) }
    if task.relu { sum = rectified(sum) }
    if let gates = task.gates { sum = gated(sum, by: load(gates[row] + offset)) }
    store(sum, output)
  }
}

extension RegisterTile {
  /// Adds a bias to every column and makes what is negative zero, if it is to: loops so short that the compiler unrolls
  /// them. One that it does not unroll counts through the sums, and so keeps them in memory, from the first term on.
  @inline(always)
  public mutating func finish(bias: UnsafePointer<Float>, relu: Bool) {
    for m in 0..<M {
      for n in 0..<N { sums[unchecked: m][unchecked: n] += A.load(bias + n &* A.lanes) }
    }
    guard relu else { return }
    for m in 0..<M {
      for n in 0..<N { sums[unchecked: m][unchecked: n] = A.rectified(sums[unchecked: m][unchecked: n]) }
    }
  }
}
