#if arch(x86_64)
  public import Microkernel

  // Register budget, 16 vectors of 8 floats; a vector of 16 floats is a pair of them:
  //   6 pixels x 1 pair: 12 sums + 2 weights + 1 broadcast = 15

  /// Floats of output channels in a full panel of weights.
  public let panelWidth = 16

  /// A 3x3 convolution, directly.
  public func convolveRows(_ task: ConvolutionRows) {
    if task.outputStride == 1 { return Fused8.convolveSingleOutput(task) }
    var channel = 0
    while channel < task.outputStride {
      Fused16.convolvePanel(task, channel: channel, tile: RegisterTile<Fused16, 6, 1>.self)
      channel &+= panelWidth
    }
  }

  /// The weight gradient of a 3x3 convolution, added to what is there.
  public func accumulateWeightGradient(_ task: WeightGradientRows) {
    if task.outputStride == 1 {
      return Fused8.accumulateSingleOutput(task, tile: RegisterTile<Fused8, 1, 6>.self)
    }
    var channel = 0
    while channel < task.outputStride {
      Fused16.accumulatePanel(task, channel: channel, rowsAtOnce: 4, tile: RegisterTile<Fused16, 6, 1>.self)
      channel &+= panelWidth
    }
  }

  /// 3x3 convolutions by Winograd's algorithm in tiles of 4x4 and 6x6 outputs.
  public func convolveTiles4(_ task: WinogradTiles) {
    Winograd<WinogradF4, Fused8, 6, 4>.convolve(task, multiply)
  }

  public func convolveTiles6(_ task: WinogradTiles) {
    Winograd<WinogradF6, Fused8, 8, 6>.convolve(task, multiply)
  }

  private func multiply(_ product: TileProduct) {
    var column = 0
    while column < product.columns {
      Fused16.multiplyPanel(
        product, column: column, tile: RegisterTile<Fused16, 6, 1>.self,
        rest: RegisterTile<Fused16, 4, 1>.self)
      column &+= panelWidth
    }
  }

  /// The weight gradient of a 3x3 convolution by Winograd's algorithm in tiles of 4x4 and 6x6 outputs, in the frequency
  /// domain, added to what is there.
  public func accumulateTiles4(_ task: WinogradGradientTiles) {
    Winograd<WinogradF4, Fused8, 6, 4>.accumulateGradient(task, accumulate)
  }

  public func accumulateTiles6(_ task: WinogradGradientTiles) {
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

  /// The gradient of the 3x3 taps from one in the frequency domain.
  public func gatherTaps(_ task: WinogradTaps) {
    Fused8.gatherTaps(task)
  }

  /// The floating-point operations of one round of `multiplyAddChains`.
  public let chainOperations = 12 * 2 * Fused8.lanes

  /// Independent chains of multiply-adds, to measure what the processor can do at best.
  public func multiplyAddChains(rounds: Int) -> Float {
    Fused8.multiplyAddChains(rounds: rounds, InlineArray<12, Fused8.Vector>.self)
  }
#endif
