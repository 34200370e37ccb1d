package import Pixels

/// A Gaussian blur whose deviation, in pixels, is drawn from a range.
package struct GaussianBlur: Degradation {
  package static let name = "blur"
  package static let help = "LOW-HIGH (deviation in pixels, 0 to 8)"
  private let deviation: DegradationRange

  package init(argument: String) throws(TrainingError) {
    deviation = try DegradationRange(argument, in: 0...8, of: Self.name)
  }

  package func apply(
    variant: Int, to picture: DoublePlane, random: inout RandomSource
  ) -> DoublePlane {
    let deviation = deviation.draw(&random)
    if deviation < 0.05 { return picture }
    let radius = Int((3 * deviation).rounded(.up))
    let weights = gaussianTaps(deviation: deviation, reach: radius)
    var samples = picture.samples
    for horizontal in [true, false] {
      let source = samples
      for y in 0..<picture.height {
        for x in 0..<picture.width {
          var sum = 0.0
          for (index, weight) in weights.enumerated() {
            let column = horizontal ? min(max(x + index - radius, 0), picture.width - 1) : x
            let row = horizontal ? y : min(max(y + index - radius, 0), picture.height - 1)
            sum += weight * source[row * picture.width + column]
          }
          samples[y * picture.width + x] = sum
        }
      }
    }
    return DoublePlane(width: picture.width, height: picture.height, samples: samples)
  }
}

/// Gaussian noise whose deviation, in steps of 1/255, is drawn from a range.
package struct GaussianNoise: Degradation {
  package static let name = "noise"
  package static let help = "LOW-HIGH (deviation in levels of 255, 0 to 75)"
  private let deviation: DegradationRange

  package init(argument: String) throws(TrainingError) {
    deviation = try DegradationRange(argument, in: 0...75, of: Self.name)
  }

  package func apply(
    variant: Int, to picture: DoublePlane, random: inout RandomSource
  ) -> DoublePlane {
    let deviation = deviation.draw(&random)
    let samples = picture.samples.map { $0 + deviation * random.normal() }
    return DoublePlane(width: picture.width, height: picture.height, samples: samples)
  }
}
