package import Pixels

/// Why a picture cannot be evaluated.
package enum EvaluationError: Error, Equatable, CustomStringConvertible {
  /// Nothing remains of it within the borders.
  case tooSmall(Size, scale: Int)

  package var description: String {
    switch self {
    case .tooSmall(let size, let scale):
      "\(size.width)x\(size.height) pixels are too few to compare at scale \(scale), which takes \(3 * scale) on each side"
    }
  }
}
