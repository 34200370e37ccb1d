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
#endif
