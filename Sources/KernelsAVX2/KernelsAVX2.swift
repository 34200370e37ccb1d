#if arch(x86_64)
  public import Microkernel

  // Register budget, 16 vectors of 8 floats; a vector of 16 floats is a pair of them:
  //   6 pixels x 1 pair: 12 sums + 2 weights + 1 broadcast = 15

  /// What this module exports.
  public let table = KernelTable(
    panelWidth: panelWidth, convolveRows: convolveRows, accumulateWeightGradient: accumulateWeightGradient,
    convolveTiles4: convolveTiles4, convolveTiles6: convolveTiles6, accumulateTiles4: accumulateTiles4,
    accumulateTiles6: accumulateTiles6, gatherTaps: gatherTaps, multiplyAddChains: multiplyAddChains,
    chainOperations: chainOperations)

  private let panelWidth = 16

  private func convolveRows(_ task: ConvolutionRows) {
    if task.outputStride == 1 { return Fused8.convolveSingleOutput(task) }
    var channel = 0
    while channel < task.outputStride {
      Fused16.convolvePanel(task, channel: channel, tile: RegisterTile<Fused16, 6, 1>.self)
      channel &+= panelWidth
    }
  }

  private func accumulateWeightGradient(_ task: WeightGradientRows) {
    if task.outputStride == 1 {
      return Fused8.accumulateSingleOutput(task, tile: RegisterTile<Fused8, 1, 6>.self)
    }
    var channel = 0
    while channel < task.outputStride {
      Fused16.accumulatePanel(task, channel: channel, rowsAtOnce: 4, tile: RegisterTile<Fused16, 6, 1>.self)
      channel &+= panelWidth
    }
  }

  private func convolveTiles4(_ task: WinogradTiles) {
    Winograd<WinogradF4, Fused8, 6, 4>.convolve(task, multiply)
  }

  private func convolveTiles6(_ task: WinogradTiles) {
    Winograd<WinogradF6, Fused8, 8, 6>.convolve(task, multiply)
  }

  private func multiply(_ product: TileProduct) {
    Fused16.multiplyPanels(
      product, from: 0, to: product.columns, tile: RegisterTile<Fused16, 6, 1>.self,
      rest: RegisterTile<Fused16, 4, 1>.self)
  }

  private func accumulateTiles4(_ task: WinogradGradientTiles) {
    Winograd<WinogradF4, Fused8, 6, 4>.accumulateGradient(task, accumulate)
  }

  private func accumulateTiles6(_ task: WinogradGradientTiles) {
    Winograd<WinogradF6, Fused8, 8, 6>.accumulateGradient(task, accumulate)
  }

  private func accumulate(_ product: TransposedProduct) {
    var column = 0
    while column < product.columns {
      Fused16.accumulateProduct(
        product, column: column, tile: RegisterTile<Fused16, 6, 1>.self,
        rest: RegisterTile<Fused16, 2, 1>.self)
      column &+= panelWidth
    }
  }

  private func gatherTaps(_ task: WinogradTaps) {
    Fused8.gatherTaps(task)
  }

  private let chainOperations = 12 * 2 * Fused8.lanes

  private func multiplyAddChains(rounds: Int) -> Float {
    Fused8.multiplyAddChains(rounds: rounds, InlineArray<12, Fused8.Vector>.self)
  }
#endif
