import Pixels
import SuperResolution

/// Layers through these channel counts with random weights scaled so that activations keep their size.
func randomLayers(_ channels: [Int], seed: UInt64, bias: Bool = true) -> [Model.Layer] {
  var random = RandomSource(seed: seed)
  func value() -> Float { Float.random(in: -1..<1, using: &random) }
  return channels.indices.dropLast().map { index in
    let (input, output) = (channels[index], channels[index + 1])
    let scale = (6 / Float(9 * input)).squareRoot()
    return Model.Layer(
      inputChannels: input, outputChannels: output,
      weights: (0..<9 * input * output).map { _ in value() * scale },
      bias: bias ? (0..<output).map { _ in value() * 0.1 } : nil,
      relu: index + 2 < channels.count)
  }
}

/// Three layers of a few channels: some 1.5 kB as a file.
func smallModel() throws(ModelError) -> Model {
  try Model(name: "small", layers: randomLayers([1, 4, 3, 1], seed: 1), metadata: [Model.Key.recipe: "none"])
}
