public import Microkernel

// Register budget, 16 vectors of 4 floats:
//   3 pixels x 2 vectors: 6 sums + 2 weights + 1 broadcast + 1 product = 10
// Its instructions overwrite an operand, so the compiler copies sums about; more of them (4 x 2) halve the speed.

/// What this module exports.
public let table = KernelTable(
  panelWidth: panelWidth, convolveRows: convolveRows, accumulateWeightGradient: accumulateWeightGradient,
  convolveTiles4: convolveTiles4, convolveTiles6: convolveTiles6, accumulateTiles4: accumulateTiles4,
  accumulateTiles6: accumulateTiles6, gatherTaps: gatherTaps, multiplyAddChains: multiplyAddChains,
  chainOperations: chainOperations)

private let panelWidth = 8

private func convolveRows(_ task: ConvolutionRows) {
  if task.outputStride == 1 { return Separate4.convolveSingleOutput(task) }
  var channel = 0
  while channel < task.outputStride {
    Separate4.convolvePanel(task, channel: channel, tile: RegisterTile<Separate4, 3, 2>.self)
    channel &+= panelWidth
  }
}

private func accumulateWeightGradient(_ task: WeightGradientRows) {
  if task.outputStride == 1 {
    return Separate4.accumulateSingleOutput(task, tile: RegisterTile<Separate4, 1, 12>.self)
  }
  var channel = 0
  while channel < task.outputStride {
    Separate4.accumulatePanel(task, channel: channel, rowsAtOnce: 4, tile: RegisterTile<Separate4, 3, 2>.self)
    channel &+= panelWidth
  }
}

private func convolveTiles4(_ task: WinogradTiles) {
  Winograd<WinogradF4, Separate4, 6, 4>.convolve(task, multiply)
}

private func convolveTiles6(_ task: WinogradTiles) {
  Winograd<WinogradF6, Separate4, 8, 6>.convolve(task, multiply)
}

private func multiply(_ product: TileProduct) {
  Separate4.multiplyPanels(
    product, from: 0, to: product.columns, tile: RegisterTile<Separate4, 3, 2>.self,
    rest: RegisterTile<Separate4, 2, 2>.self)
}

private func accumulateTiles4(_ task: WinogradGradientTiles) {
  Winograd<WinogradF4, Separate4, 6, 4>.accumulateGradient(task, accumulate)
}

private func accumulateTiles6(_ task: WinogradGradientTiles) {
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

private func gatherTaps(_ task: WinogradTaps) {
  Separate4.gatherTaps(task)
}

private let chainOperations = 12 * 2 * Separate4.lanes

private func multiplyAddChains(rounds: Int) -> Float {
  Separate4.multiplyAddChains(rounds: rounds, InlineArray<12, Separate4.Vector>.self)
}
