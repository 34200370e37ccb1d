package import Pixels

/// Reduces by whole factors with MATLAB's antialiased bicubic `imresize`, in double precision.
package struct BicubicReduction: Degradation {
  package static let name = "bicubic"
  package static let help = "SCALE,SCALE... (whole numbers from 2 to 8)"
  package let scales: [Int]

  package init(argument: String) throws(TrainingError) {
    let scales = argument.split(separator: ",", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard scales.count == argument.split(separator: ",", omittingEmptySubsequences: false).count,
      scales.allSatisfy({ (2...8).contains($0) }), Set(scales).count == scales.count
    else { throw .invalid("bicubic=\(argument): give \(Self.help)") }
    self.scales = scales
  }

  package var variants: [String] { scales.map { "x\($0)" } }
  package var divisors: [Int] { scales }

  package func apply(
    variant: Int, to picture: DoublePlane, random: inout RandomSource
  ) -> DoublePlane {
    let scale = scales[variant]
    let (width, height) = (max(1, picture.width / scale), max(1, picture.height / scale))
    return picture.resized(to: Size(width: width, height: height), scale: 1 / Double(scale))
  }
}
