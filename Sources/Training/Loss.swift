import Foundation

/// What a patch costs whose pixels are off by some errors: a function of the mean over its pixels.
package enum Loss: Sendable, Hashable, Codable {
  /// The mean of error^2 / 2, as published for VDSR.
  case squared
  /// The mean of sqrt(error^2 + width^2) - width (Charbonnier): square near zero, linear beyond `width`.
  case charbonnier(width: Float)
  /// log(mean square + floor) / 2: the patch's PSNR, but for the sign and 0.115 to the dB. A mean of PSNRs counts an easy
  /// picture's decibel as much as a hard one's; the squares, unlike that, are nearly all the hard ones'. Below `floor` it is
  /// the square again, so that flat patches do not outweigh all others.
  case logarithmic(floor: Float)

  /// What is averaged over the patch, for a pixel that is off by `error`, and its derivative.
  @inline(__always)
  package func ofPixel(_ error: Float) -> (value: Float, derivative: Float) {
    switch self {
    case .squared, .logarithmic: return (error * error / 2, error)
    case .charbonnier(let width):
      let root = (error * error + width * width).squareRoot()
      return (root - width, error / root)
    }
  }

  /// What a patch costs whose pixels' mean is `mean`, and the derivative with respect to that mean.
  package func ofPatch(mean: Double) -> (value: Double, derivative: Double) {
    switch self {
    case .squared, .charbonnier: return (mean, 1)
    case .logarithmic(let floor):
      let square = 2 * mean + Double(floor)
      return (log(square) / 2, 1 / square)
    }
  }
}
