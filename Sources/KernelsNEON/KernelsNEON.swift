#if arch(arm64)
  public import Microkernel

  // Register budget, 32 vectors of 4 floats:
  //   6 pixels x 4 vectors: 24 sums + 4 weights + 1 broadcast = 29

  /// What this module exports.
  public let table = KernelTable(
    panelWidth: panelWidth, convolveRows: convolveRows, accumulateWeightGradient: accumulateWeightGradient,
    convolveTiles4: convolveTiles4, convolveTiles6: convolveTiles6, accumulateTiles4: accumulateTiles4,
    accumulateTiles6: accumulateTiles6, gatherTaps: gatherTaps, multiplyAddChains: multiplyAddChains,
    chainOperations: chainOperations)

  private let panelWidth = 16

  private func convolveRows(_ task: ConvolutionRows) {
    if task.outputStride == 1 { return Fused4.convolveSingleOutput(task) }
    var channel = 0
    while channel < task.outputStride {
      Fused4.convolvePanel(task, channel: channel, tile: RegisterTile<Fused4, 6, 4>.self)
      channel &+= panelWidth
    }
  }

  private func accumulateWeightGradient(_ task: WeightGradientRows) {
    if task.outputStride == 1 {
      return Fused4.accumulateSingleOutput(task, tile: RegisterTile<Fused4, 1, 12>.self)
    }
    var channel = 0
    while channel < task.outputStride {
      Fused4.accumulatePanel(task, channel: channel, rowsAtOnce: 4, tile: RegisterTile<Fused4, 6, 4>.self)
      channel &+= panelWidth
    }
  }

  private func convolveTiles4(_ task: WinogradTiles) {
    Winograd<WinogradF4, Fused4, 6, 4>.convolve(task, multiply)
  }

  private func convolveTiles6(_ task: WinogradTiles) {
    Winograd<WinogradF6, Fused4, 8, 6>.convolve(task, multiply)
  }

  private func multiply(_ product: TileProduct) {
    Fused4.multiplyPanels(
      product, from: 0, to: product.columns, tile: RegisterTile<Fused4, 6, 4>.self,
      rest: RegisterTile<Fused4, 2, 4>.self)
  }

  private func accumulateTiles4(_ task: WinogradGradientTiles) {
    Winograd<WinogradF4, Fused4, 6, 4>.accumulateGradient(task, accumulate)
  }

  private func accumulateTiles6(_ task: WinogradGradientTiles) {
    Winograd<WinogradF6, Fused4, 8, 6>.accumulateGradient(task, accumulate)
  }

  private func accumulate(_ product: TransposedProduct) {
    var column = 0
    while column < product.columns {
      Fused4.accumulateProduct(
        product, column: column, tile: RegisterTile<Fused4, 6, 4>.self, rest: RegisterTile<Fused4, 2, 4>.self)
      column &+= panelWidth
    }
  }

  private func gatherTaps(_ task: WinogradTaps) {
    Fused4.gatherTaps(task)
  }

  private let chainOperations = 24 * 2 * Fused4.lanes

  private func multiplyAddChains(rounds: Int) -> Float {
    Fused4.multiplyAddChains(rounds: rounds, InlineArray<24, Fused4.Vector>.self)
  }
#endif
