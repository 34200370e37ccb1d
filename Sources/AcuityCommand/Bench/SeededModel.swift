import Acuity

/// Inputs of benchmarks that need no file: the same on every machine.
enum SeededModel {
  /// A network of VDSR's shape with He-normal weights, which keep the activations' size from layer to layer.
  static func vdsr() throws(ModelError) -> Model {
    var random = RandomSource(seed: 20)
    let channels = [1] + [Int](repeating: 64, count: 19) + [1]
    let layers = (0..<20).map { index in
      let (inputs, outputs) = (channels[index], channels[index + 1])
      let isLast = index == 19
      // The residual is small, as that of a trained network.
      let deviation = (2 / Double(9 * inputs)).squareRoot() * (isLast ? 0.1 : 1)
      return Model.Layer(
        inputChannels: inputs, outputChannels: outputs,
        weights: (0..<9 * inputs * outputs).map { _ in Float(random.normal() * deviation) },
        bias: (0..<outputs).map { _ in Float(random.normal() * 0.01) }, relu: !isLast)
    }
    return try Model(name: "seeded weights of VDSR's shape", layers: layers)
  }

  /// Uniform noise of 0...1.
  static func plane(_ size: SizeArgument) -> Plane {
    var random = RandomSource(seed: 21)
    let pixels = (0..<size.width * size.height).map { _ in Float(random.uniform()) }
    return Plane(width: size.width, height: size.height, pixels: pixels)
  }
}
