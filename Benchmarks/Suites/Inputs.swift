import Acuity
import Foundation

/// The same on every machine and in every run.
enum Inputs {
  /// VDSR's shape, with weights that keep the activations' size.
  static func model() throws -> Model {
    var noise = Noise()
    let channels = [1] + [Int](repeating: 64, count: 19) + [1]
    let layers = (0..<20).map { index in
      let (inputs, outputs) = (channels[index], channels[index + 1])
      // Uniform over -1...1 has a third of the variance of He's initialization.
      let scale = (6 / Float(9 * inputs)).squareRoot()
      let weights = (0..<9 * inputs * outputs).map { _ in scale * noise.next() }
      return Model.Layer(inputChannels: inputs, outputChannels: outputs, weights: weights, relu: index < 19)
    }
    return try Model(name: "seeded", layers: layers)
  }

  /// One multiplication a pixel: what upscaling takes beside the network.
  static func passThrough() throws -> Model {
    let weights: [Float] = [0, 0, 0, 0, 0, 0, 0, 0, 0]
    let layer = Model.Layer(inputChannels: 1, outputChannels: 1, weights: weights, relu: false)
    return try Model(name: "nothing", layers: [layer])
  }

  static func plane(_ width: Int, _ height: Int) -> Plane {
    var noise = Noise()
    return Plane(
      width: width, height: height, pixels: (0..<width * height).map { _ in noise.next() / 2 + 0.5 })
  }

  /// Waves of several lengths and a little noise, as compressible as a photograph.
  static let picture: Image = {
    var noise = Noise()
    let side = 512
    let samples = (0..<side * side * 3).map { index in
      let (pixel, channel) = (index / 3, index % 3)
      let (x, y) = (Float(pixel % side), Float(pixel / side))
      let wave = sin(x / 37 + Float(channel)) + sin(y / 23) + sin((x + y) / 7) / 4
      return UInt8(min(255, max(0, 128 + 45 * wave + 4 * noise.next())))
    }
    return Image(width: side, height: side, layout: .rgb, samples: .uint8(samples))
  }()
}

/// Numbers of -1...1, by a 64-bit linear congruential generator (Knuth's constants).
private struct Noise {
  private var state: UInt64 = 1

  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int32(truncatingIfNeeded: state >> 32)) / 0x1p31
  }
}
