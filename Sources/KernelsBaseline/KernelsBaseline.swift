public import Microkernel

// Register budget, 16 vectors of 4 floats:
//   3 pixels x 2 vectors: 6 sums + 2 weights + 1 broadcast + 1 product = 10
// Its instructions overwrite an operand, so the compiler copies sums about; more of them (4 x 2) halve the speed.

/// Floats of output channels in a full panel of weights.
public let panelWidth = 8

/// A 3x3 convolution, directly.
public func convolveRows(_ task: ConvolutionRows) {
  if task.outputStride == 1 { return Separate4.convolveSingleOutput(task) }
  var channel = 0
  while channel < task.outputStride {
    Separate4.convolvePanel(task, channel: channel, tile: RegisterTile<Separate4, 3, 2>.self)
    channel &+= panelWidth
  }
}

/// The weight gradient of a 3x3 convolution, added to what is there.
public func accumulateWeightGradient(_ task: WeightGradientRows) {
  if task.outputStride == 1 {
    return Separate4.accumulateSingleOutput(task, tile: RegisterTile<Separate4, 1, 12>.self)
  }
  var channel = 0
  while channel < task.outputStride {
    Separate4.accumulatePanel(task, channel: channel, rowsAtOnce: 4, tile: RegisterTile<Separate4, 3, 2>.self)
    channel &+= panelWidth
  }
}

/// 3x3 convolutions by Winograd's algorithm in tiles of 4x4 and 6x6 outputs.
public func convolveTiles4(_ task: WinogradTiles) {
  Winograd<WinogradF4, Separate4, 6, 4>.convolve(task, multiply)
}

public func convolveTiles6(_ task: WinogradTiles) {
  Winograd<WinogradF6, Separate4, 8, 6>.convolve(task, multiply)
}

private func multiply(_ product: TileProduct) {
  var column = 0
  while column < product.columns {
    Separate4.multiplyPanel(
      product, column: column, tile: RegisterTile<Separate4, 3, 2>.self,
      rest: RegisterTile<Separate4, 2, 2>.self)
    column &+= panelWidth
  }
}

/// The weight gradient of a 3x3 convolution by Winograd's algorithm in tiles of 4x4 and 6x6 outputs, in the frequency
/// domain, added to what is there.
public func accumulateTiles4(_ task: WinogradGradientTiles) {
  Winograd<WinogradF4, Separate4, 6, 4>.accumulateGradient(task, accumulate)
}

public func accumulateTiles6(_ task: WinogradGradientTiles) {
  Winograd<WinogradF6, Separate4, 8, 6>.accumulateGradient(task, accumulate)
}

private func accumulate(_ product: TransposedProduct) {
  var column = 0
  while column < product.columns {
    Separate4.accumulateProduct(
      product, column: column, tile: RegisterTile<Separate4, 3, 2>.self,
      rest: RegisterTile<Separate4, 1, 2>.self)
    column &+= panelWidth
  }
}

/// The gradient of the 3x3 taps from one in the frequency domain.
public func gatherTaps(_ task: WinogradTaps) {
  Separate4.gatherTaps(task)
}

/// The floating-point operations of one round of `multiplyAddChains`.
public let chainOperations = 12 * 2 * Separate4.lanes

/// Independent chains of multiply-adds, to measure what the processor can do at best.
public func multiplyAddChains(rounds: Int) -> Float {
  Separate4.multiplyAddChains(rounds: rounds, InlineArray<12, Separate4.Vector>.self)
}
