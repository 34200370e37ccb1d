/// What a pixel that is off by `error` costs, and the derivative.
package enum Loss: Sendable, Hashable, Codable {
  /// error^2 / 2, as published for VDSR.
  case squared
  /// sqrt(error^2 + width^2) - width (Charbonnier): square near zero, linear beyond `width`.
  case charbonnier(width: Float)

  @inline(__always)
  package func callAsFunction(_ error: Float) -> (value: Float, derivative: Float) {
    switch self {
    case .squared: return (error * error / 2, error)
    case .charbonnier(let width):
      let root = (error * error + width * width).squareRoot()
      return (root - width, error / root)
    }
  }
}
