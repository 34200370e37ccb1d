/// A 3x3 convolution of whole m x m tiles by Winograd's algorithm, N = m + 2: for each block of tiles
///
/// ```
/// inputs ──B^T d B──▶ V [N x N][tile][input channel] ──V U──▶ [N x N][tile][output channel] ──A^T s A──▶ outputs
///           16 lanes of channels at once              N x N matrix products                 bias, ReLU, gate
/// ```
///
/// with the weights U `[N x N][input channel][output channel]` transformed beforehand. The products may take the place of
/// their inputs, so that twice as many tiles share a reading of the weights. A is the architecture of the
/// transforms, which may be narrower than the products' (it needs more registers than vectors in flight).
///
/// A tile's arithmetic is the same wherever in a block it stands, so the blocks leave no trace in the results.
public enum Winograd<T: WinogradTransform, A: Architecture, let N: Int, let M: Int> {
  /// All tiles of the task, block by block; `multiply` computes one product, in the shape of the instruction set.
  @inline(always)
  public static func convolve(_ task: WinogradTiles, _ multiply: (TileProduct) -> Void) {
    let columns = task.width / M
    let tiles = task.rows / M &* columns
    let block = WinogradBlock(task, side: N)
    let atOnce = WinogradTiles.evenly(tiles, atMost: task.tilesAtOnce)
    var first = 0
    while first < tiles {
      let count = min(atOnce, tiles &- first)
      if task.phases.contains(.inputs) { transformInputs(block.source(task.inputs), first, count, columns) }
      if task.phases.contains(.products) {
        var frequency = 0
        while frequency < N &* N {
          multiply(block.product(frequency, tiles: count, termsAtOnce: T.termsAtOnce))
          frequency &+= 1
        }
      }
      if task.phases.contains(.outputs) { transformOutputs(task, block, first, count, columns) }
      first &+= count
    }
  }

  @inline(always)
  public static func transformOutputs(
    _ task: WinogradTiles, _ block: WinogradBlock, _ first: Int, _ count: Int, _ columns: Int
  ) {
    var tile = 0
    while tile < count {
      let (row, column) = ((first &+ tile) / columns, (first &+ tile) % columns)
      if task.pixelsAreFar, tile == 0 || column == 0 {
        fetchOutputs(task, row &* M, column &* M, min(columns &- column, count &- tile) &* M, block.temporary)
      }
      var channel = 0
      while channel < task.outputStride {
        transformOutputs(task, block, row &* M, column &* M, channel, at: tile)
        channel &+= A.lanes
      }
      tile &+= 1
    }
  }

  /// Brings the outputs and their gates of a run of tiles into the cache: a line must be there to be written, too.
  @inline(always)
  public static func fetchOutputs(
    _ task: WinogradTiles, _ row: Int, _ column: Int, _ width: Int, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let (offset, count) = (column &* task.outputStride, width &* task.outputStride)
    let outputs = UnsafeRawPointer(task.outputs).assumingMemoryBound(to: UnsafePointer<Float>.self)
    fetch(outputs + row, M, from: offset, count: count, scratch)
    if let gates = task.gates { fetch(gates + row, M, from: offset, count: count, scratch) }
  }

  /// `A^T s A` of one vector of channels of one tile, and what follows the convolution.
  @inline(always)
  public static func transformOutputs(
    _ task: WinogradTiles, _ block: WinogradBlock, _ row: Int, _ column: Int, _ channel: Int, at index: Int
  ) {
    let source = block.products + (index &* task.outputStride &+ channel)
    let temporary = block.temporary
    var j = 0
    while j < N {
      var s = InlineArray<N, A.Vector>(repeating: A.Vector())
      for i in 0..<N { s[unchecked: i] = A.load(source + (i &* N &+ j) &* block.outputFrequency) }
      let y: InlineArray<M, A.Vector> = T.output(s, A.self)
      for i in 0..<M { A.store(y[unchecked: i], temporary + (i &* N &+ j) &* A.lanes) }
      j &+= 1
    }
    let bias = A.load(task.bias + channel)
    var i = 0
    while i < M {
      var s = InlineArray<N, A.Vector>(repeating: A.Vector())
      for j in 0..<N { s[unchecked: j] = A.load(temporary + (i &* N &+ j) &* A.lanes) }
      let y: InlineArray<M, A.Vector> = T.output(s, A.self)
      for j in 0..<M {
        let offset = (column &+ j) &* task.outputStride &+ channel
        var value = y[unchecked: j] + bias
        if task.relu { value = A.rectified(value) }
        if let gates = task.gates {
          value = A.gated(value, by: A.load(gates[row &+ i] + offset))
        }
        A.store(value, task.outputs[row &+ i] + offset)
      }
      i &+= 1
    }
  }
}

/// Where a block of tiles lies in the scratch of a task.
@frozen
public struct WinogradBlock {
  /// `[N x N][tile][input channel]`
  public let inputs: UnsafeMutablePointer<Float>
  /// `[N x N][tile][output channel]`; the same place, some rows before, if the products take their inputs'.
  public let products: UnsafeMutablePointer<Float>
  /// What the passes of a transform hand over, see `WinogradTiles.temporaryCount`.
  public let temporary: UnsafeMutablePointer<Float>
  /// Floats from one frequency to the next.
  public let inputFrequency: Int
  public let outputFrequency: Int
  public let inputStride: Int
  public let outputStride: Int
  public let weights: UnsafePointer<Float>
  public let inPlace: Bool
  public let pixelsAreFar: Bool

  @inline(always)
  public init(_ task: WinogradTiles, side: Int) {
    inputStride = task.inputStride
    outputStride = task.outputStride
    weights = task.weights
    inPlace = task.inPlace
    pixelsAreFar = task.pixelsAreFar
    let rows = task.rowsBefore &+ task.tilesAtOnce &+ WinogradTiles.rowsBeyond
    inputFrequency = WinogradTiles.frequencyStride(rows: rows, stride: inputStride)
    outputFrequency = WinogradTiles.frequencyStride(rows: rows, stride: outputStride)
    inputs = task.scratch + task.rowsBefore &* inputStride
    products = task.inPlace ? task.scratch : task.scratch + side &* side &* inputFrequency
    temporary = products + side &* side &* outputFrequency
  }

  /// The pixels that `rows` point at, and where their transforms go.
  @inline(always)
  public func source(_ rows: UnsafePointer<UnsafePointer<Float>>) -> WinogradPixels {
    WinogradPixels(
      rows: rows, stride: inputStride, target: inputs, frequency: inputFrequency, temporary: temporary,
      areFar: pixelsAreFar)
  }

  @inline(always)
  public func product(_ frequency: Int, tiles: Int, termsAtOnce: Int) -> TileProduct {
    TileProduct(
      a: UnsafePointer(inputs + frequency &* inputFrequency),
      b: weights + frequency &* inputStride &* outputStride,
      c: products + frequency &* outputFrequency,
      rows: tiles, inner: inputStride, columns: outputStride, termsAtOnce: termsAtOnce, inPlace: inPlace)
  }
}
