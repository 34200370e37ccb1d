/// One call's worth of the weight gradient of a 3x3 convolution: what `rows` rows of `width` pixels add to it.
///
/// Plain pointers and integers, since it crosses into modules that are compiled for other instruction sets.
@frozen
public struct WeightGradientRows {
  /// `rows + 2` rows of the layer's input; each points at pixel 0, and pixels -1 and `width` are readable.
  public var inputs: UnsafePointer<UnsafePointer<Float>>
  /// `rows` rows of the gradient with respect to the layer's output (before its ReLU); each points at pixel 0.
  public var outputGradients: UnsafePointer<UnsafePointer<Float>>
  public var rows: Int
  public var width: Int
  /// Floats from an input pixel to the next: the padded channel count, or 1.
  public var inputStride: Int
  /// Floats from an output pixel to the next: the padded channel count, or 1.
  public var outputStride: Int
  /// Laid out as the layer's packed weights; added to.
  public var gradient: UnsafeMutablePointer<Float>
  /// One per padded output channel; added to.
  public var biasGradient: UnsafeMutablePointer<Float>

  @inlinable
  public init(
    inputs: UnsafePointer<UnsafePointer<Float>>, outputGradients: UnsafePointer<UnsafePointer<Float>>,
    rows: Int, width: Int, inputStride: Int, outputStride: Int,
    gradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>
  ) {
    self.inputs = inputs
    self.outputGradients = outputGradients
    self.rows = rows
    self.width = width
    self.inputStride = inputStride
    self.outputStride = outputStride
    self.gradient = gradient
    self.biasGradient = biasGradient
  }
}
