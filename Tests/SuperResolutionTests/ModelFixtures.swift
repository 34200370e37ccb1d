import SuperResolution

/// Seeded random numbers (Steele, Lea, Flood 2014).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Uniform in -1 ..< 1.
  mutating func float() -> Float { Float.random(in: -1..<1, using: &self) }
}

/// Layers through these channel counts with random weights scaled so that activations keep their size.
func randomLayers(_ channels: [Int], seed: UInt64, bias: Bool = true) -> [Model.Layer] {
  var generator = SplitMix(seed: seed)
  return channels.indices.dropLast().map { index in
    let (input, output) = (channels[index], channels[index + 1])
    let scale = (6 / Float(9 * input)).squareRoot()
    return Model.Layer(
      inputChannels: input, outputChannels: output,
      weights: (0..<9 * input * output).map { _ in generator.float() * scale },
      bias: bias ? (0..<output).map { _ in generator.float() * 0.1 } : nil,
      relu: index + 2 < channels.count)
  }
}

/// Three layers of a few channels: some 1.5 kB as a file.
func smallModel() throws(ModelError) -> Model {
  try Model(name: "small", layers: randomLayers([1, 4, 3, 1], seed: 1), metadata: [Model.Key.recipe: "none"])
}
