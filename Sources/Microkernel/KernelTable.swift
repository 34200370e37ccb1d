/// The kernels of one instruction set, and the figures that belong to them: all that a module of kernels exports.
@frozen
public struct KernelTable: Sendable {
  /// Floats of output channels in a full panel of weights.
  public let panelWidth: Int
  /// A 3x3 convolution, directly.
  public let convolveRows: @Sendable (ConvolutionRows) -> Void
  /// The weight gradient of a 3x3 convolution, added to what is there.
  public let accumulateWeightGradient: @Sendable (WeightGradientRows) -> Void
  /// A 3x3 convolution by Winograd's algorithm in tiles of 4x4 outputs.
  public let convolveTiles4: @Sendable (WinogradTiles) -> Void
  /// The same in tiles of 6x6 outputs.
  public let convolveTiles6: @Sendable (WinogradTiles) -> Void
  /// The weight gradient by Winograd's algorithm in tiles of 4x4 outputs, in the frequency domain, added to what is there.
  public let accumulateTiles4: @Sendable (WinogradGradientTiles) -> Void
  /// The same in tiles of 6x6 outputs.
  public let accumulateTiles6: @Sendable (WinogradGradientTiles) -> Void
  /// The gradient of the 3x3 taps from one in the frequency domain.
  public let gatherTaps: @Sendable (WinogradTaps) -> Void
  /// Independent chains of multiply-adds, to measure what the processor can do at best.
  public let multiplyAddChains: @Sendable (_ rounds: Int) -> Float
  /// The floating-point operations of one round of `multiplyAddChains`.
  public let chainOperations: Int

  @inlinable
  public init(
    panelWidth: Int, convolveRows: @escaping @Sendable (ConvolutionRows) -> Void,
    accumulateWeightGradient: @escaping @Sendable (WeightGradientRows) -> Void,
    convolveTiles4: @escaping @Sendable (WinogradTiles) -> Void,
    convolveTiles6: @escaping @Sendable (WinogradTiles) -> Void,
    accumulateTiles4: @escaping @Sendable (WinogradGradientTiles) -> Void,
    accumulateTiles6: @escaping @Sendable (WinogradGradientTiles) -> Void,
    gatherTaps: @escaping @Sendable (WinogradTaps) -> Void,
    multiplyAddChains: @escaping @Sendable (_ rounds: Int) -> Float, chainOperations: Int
  ) {
    self.panelWidth = panelWidth
    self.convolveRows = convolveRows
    self.accumulateWeightGradient = accumulateWeightGradient
    self.convolveTiles4 = convolveTiles4
    self.convolveTiles6 = convolveTiles6
    self.accumulateTiles4 = accumulateTiles4
    self.accumulateTiles6 = accumulateTiles6
    self.gatherTaps = gatherTaps
    self.multiplyAddChains = multiplyAddChains
    self.chainOperations = chainOperations
  }
}
