/// One call's worth of a 3x3 convolution: `rows` output rows of `width` pixels.
///
/// Plain pointers and integers, since it crosses into modules that are compiled for other instruction sets.
@frozen
public struct ConvolutionRows {
  /// `rows + 2` input rows; each points at pixel 0, and pixels -1 and `width` are readable.
  public var inputs: UnsafePointer<UnsafePointer<Float>>
  /// `rows` output rows; each points at pixel 0.
  public var outputs: UnsafePointer<UnsafeMutablePointer<Float>>
  public var rows: Int
  public var width: Int
  /// Floats from an input pixel to the next: the padded channel count, or 1.
  public var inputStride: Int
  /// Floats from an output pixel to the next: the padded channel count, or 1.
  public var outputStride: Int
  /// Panels of output channels, each `[9 taps][inputStride][channels of the panel]`.
  public var weights: UnsafePointer<Float>
  /// One per padded output channel.
  public var bias: UnsafePointer<Float>
  /// Negative results become zero.
  public var relu: Bool
  /// `rows` rows laid out as the output: results are zero where these are not positive (the gradient of a ReLU).
  public var gates: UnsafePointer<UnsafePointer<Float>>?
  /// `rows` rows laid out as the output, added to the results before the ReLU (a residual connection).
  public var addends: UnsafePointer<UnsafePointer<Float>>?

  @inlinable
  public init(
    inputs: UnsafePointer<UnsafePointer<Float>>, outputs: UnsafePointer<UnsafeMutablePointer<Float>>,
    rows: Int, width: Int, inputStride: Int, outputStride: Int,
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>, relu: Bool,
    gates: UnsafePointer<UnsafePointer<Float>>?, addends: UnsafePointer<UnsafePointer<Float>>?
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.rows = rows
    self.width = width
    self.inputStride = inputStride
    self.outputStride = outputStride
    self.weights = weights
    self.bias = bias
    self.relu = relu
    self.gates = gates
    self.addends = addends
  }
}
