package import Pixels

/// BT.601 luma as MATLAB's `rgb2ycbcr` gives it for 8-bit pictures: 16...235, rounded half away from zero. A gray
/// picture is taken as it is. Alpha is left out; 16-bit samples keep their fraction until the rounding.
package func trainingLuma(of image: Image) -> [Double] {
  func convert<Sample: BinaryInteger>(_ samples: [Sample], _ unit: Double) -> [Double] {
    let step = image.layout.channels
    return (0..<image.width * image.height).map { pixel in
      let first = pixel * step
      if image.layout.isGray { return (Double(samples[first]) / unit * 255).rounded() }
      let red = Double(samples[first]) / unit
      let green = Double(samples[first + 1]) / unit
      let blue = Double(samples[first + 2]) / unit
      return (65.481 * red + 128.553 * green + 24.966 * blue + 16).rounded()
    }
  }
  switch image.samples {
  case .uint8(let samples): return convert(samples, 255)
  case .uint16(let samples): return convert(samples, 65_535)
  }
}
