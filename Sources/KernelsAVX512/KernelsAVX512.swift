#if arch(x86_64)
  public import Microkernel

  // Register budget, 32 vectors of 16 floats:
  //   6 pixels x 4 vectors: 24 sums + 4 weights + 1 broadcast = 29
  // Fewer output vectors take more pixels, so that enough sums are in flight to hide an FMA's latency:
  //   8 x 3: 24 + 3 + 1 = 28;   12 x 2: 24 + 2 + 1 = 27;   14 x 1: 14 + 1 + 1 = 16

  /// What this module exports.
  public let table = KernelTable(
    panelWidth: panelWidth, convolveRows: convolveRows, accumulateWeightGradient: accumulateWeightGradient,
    convolveTiles4: convolveTiles4, convolveTiles6: convolveTiles6, accumulateTiles4: accumulateTiles4,
    accumulateTiles6: accumulateTiles6, gatherTaps: gatherTaps, multiplyAddChains: multiplyAddChains,
    chainOperations: chainOperations)

  private let panelWidth = 64

  private func convolveRows(_ task: ConvolutionRows) {
    if task.outputStride == 1 { return Fused16.convolveSingleOutput(task) }
    var channel = 0
    while channel < task.outputStride {
      switch task.outputStride &- channel {
      case 16: Fused16.convolvePanel(task, channel: channel, tile: RegisterTile<Fused16, 14, 1>.self)
      case 32: Fused16.convolvePanel(task, channel: channel, tile: RegisterTile<Fused16, 12, 2>.self)
      case 48: Fused16.convolvePanel(task, channel: channel, tile: RegisterTile<Fused16, 8, 3>.self)
      default: Fused16.convolvePanel(task, channel: channel, tile: RegisterTile<Fused16, 6, 4>.self)
      }
      channel &+= panelWidth
    }
  }

  private func accumulateWeightGradient(_ task: WeightGradientRows) {
    if task.outputStride == 1 {
      return Fused16.accumulateSingleOutput(task, tile: RegisterTile<Fused16, 1, 3>.self)
    }
    var channel = 0
    while channel < task.outputStride {
      switch task.outputStride &- channel {
      case 16:
        Fused16.accumulatePanel(
          task, channel: channel, rowsAtOnce: 4, tile: RegisterTile<Fused16, 16, 1>.self)
      case 32:
        Fused16.accumulatePanel(
          task, channel: channel, rowsAtOnce: 4, tile: RegisterTile<Fused16, 12, 2>.self)
      case 48:
        Fused16.accumulatePanel(task, channel: channel, rowsAtOnce: 2, tile: RegisterTile<Fused16, 8, 3>.self)
      default:
        Fused16.accumulatePanel(task, channel: channel, rowsAtOnce: 2, tile: RegisterTile<Fused16, 6, 4>.self)
      }
      channel &+= panelWidth
    }
  }

  private func convolveTiles4(_ task: WinogradTiles) {
    Winograd<WinogradF4, Fused16, 6, 4>.convolve(task, multiply)
  }

  private func convolveTiles6(_ task: WinogradTiles) {
    Winograd<WinogradF6, Fused16, 8, 6>.convolve(task, multiply)
  }

  // Products keep two sums of each, of the piece at hand and of those before:
  //   3 x 4: 2 x 12 sums + 4 weights + 1 broadcast = 29;   4 x 3: 24 + 3 + 1;   6 x 2: 24 + 2 + 1;   12 x 1: 24 + 1 + 1
  private func multiply(_ product: TileProduct) {
    let whole = product.columns / panelWidth &* panelWidth
    Fused16.multiplyPanels(
      product, from: 0, to: whole, tile: RegisterTile<Fused16, 3, 4>.self,
      rest: RegisterTile<Fused16, 2, 4>.self)
    switch product.columns &- whole {
    case 0: break
    case 16:
      Fused16.multiplyPanels(
        product, from: whole, to: product.columns, tile: RegisterTile<Fused16, 12, 1>.self,
        rest: RegisterTile<Fused16, 6, 1>.self)
    case 32:
      Fused16.multiplyPanels(
        product, from: whole, to: product.columns, tile: RegisterTile<Fused16, 6, 2>.self,
        rest: RegisterTile<Fused16, 3, 2>.self)
    default:
      Fused16.multiplyPanels(
        product, from: whole, to: product.columns, tile: RegisterTile<Fused16, 4, 3>.self,
        rest: RegisterTile<Fused16, 2, 3>.self)
    }
  }

  private func accumulateTiles4(_ task: WinogradGradientTiles) {
    Winograd<WinogradF4, Fused16, 6, 4>.accumulateGradient(task, accumulate)
  }

  private func accumulateTiles6(_ task: WinogradGradientTiles) {
    Winograd<WinogradF6, Fused16, 8, 6>.accumulateGradient(task, accumulate)
  }

  private func accumulate(_ product: TransposedProduct) {
    var column = 0
    while column < product.columns {
      switch product.columns &- column {
      case 16:
        Fused16.accumulateProduct(
          product, column: column, tile: RegisterTile<Fused16, 16, 1>.self,
          rest: RegisterTile<Fused16, 2, 1>.self)
      case 32:
        Fused16.accumulateProduct(
          product, column: column, tile: RegisterTile<Fused16, 8, 2>.self,
          rest: RegisterTile<Fused16, 2, 2>.self)
      case 48:
        Fused16.accumulateProduct(
          product, column: column, tile: RegisterTile<Fused16, 8, 3>.self,
          rest: RegisterTile<Fused16, 2, 3>.self)
      default:
        Fused16.accumulateProduct(
          product, column: column, tile: RegisterTile<Fused16, 6, 4>.self,
          rest: RegisterTile<Fused16, 2, 4>.self)
      }
      column &+= panelWidth
    }
  }

  private func gatherTaps(_ task: WinogradTaps) {
    Fused16.gatherTaps(task)
  }

  private let chainOperations = 24 * 2 * Fused16.lanes

  private func multiplyAddChains(rounds: Int) -> Float {
    Fused16.multiplyAddChains(rounds: rounds, InlineArray<24, Fused16.Vector>.self)
  }
#endif
