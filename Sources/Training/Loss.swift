import Foundation

/// What a pixel that is off by `error` costs, and the derivative.
package enum Loss: Sendable, Hashable, Codable {
  /// error^2 / 2, as published for VDSR.
  case squared
  /// sqrt(error^2 + width^2) - width (Charbonnier): square near zero, linear beyond `width`.
  case charbonnier(width: Float)
  /// log(mean square + floor) / 2, in which the mean is over the patch: its PSNR, but for the sign and 0.115 to the dB. A mean
  /// of PSNRs counts an easy picture's decibel as much as a hard one's; the squares, unlike that, are nearly all the hard ones'.
  /// Below `floor` it is the square again, so that flat patches do not outweigh all others.
  case logarithmic(floor: Float)

  /// The loss of a pixel in a patch whose counted pixels' mean square error is `meanSquare`; only the logarithmic one asks.
  /// The derivative is that of the patch's sum.
  @inline(__always)
  package func callAsFunction(_ error: Float, meanSquare: Float = 0) -> (value: Float, derivative: Float) {
    switch self {
    case .squared: return (error * error / 2, error)
    case .charbonnier(let width):
      let root = (error * error + width * width).squareRoot()
      return (root - width, error / root)
    case .logarithmic(let floor):
      let square = meanSquare + floor
      return (log(square) / 2, error / square)
    }
  }

  /// Whether `meanSquare` makes a difference.
  package var isOfWholePatches: Bool {
    if case .logarithmic = self { return true }
    return false
  }
}
