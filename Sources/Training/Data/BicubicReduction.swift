package import Pixels

/// Reduces by whole factors with MATLAB's antialiased bicubic `imresize`, in double precision.
package struct BicubicReduction: Degradation {
  package static let name = "bicubic"
  package static let help =
    "SCALE,SCALE... (whole numbers from 2 to 8; one given twice is learned from twice as often)"
  /// Each once.
  package let scales: [Int]
  package let draws: [Int]

  package init(argument: String) throws(TrainingError) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    var (scales, draws) = ([Int](), [Int]())
    for part in parts {
      guard let scale = Int(part), (2...8).contains(scale), parts.count <= 64 else {
        throw .invalid("bicubic=\(argument): give \(Self.help)")
      }
      if !scales.contains(scale) { scales.append(scale) }
      draws.append(scales.firstIndex(of: scale) ?? 0)
    }
    (self.scales, self.draws) = (scales, draws)
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
