import Musl
import TestSupport

@testable import Convolution

/// What `ConvolutionTests` holds the kernels to, on arm64's instruction sets, in a program without Foundation and
/// Testing. Emulated, hence fewer cases.
@main struct Program {
  static func main() {
    var count = 0
    for set in InstructionSet.supported {
      for one in sums { count += check(one, set) }
      for one in gradients { count += checkGradients(one, set) }
      for tile in WinogradTile.allCases {
        for one in tiles(tile) { count += check(one, tile, set) }
        for one in gradientTiles(tile) { count += checkGradient(one, tile, set) }
      }
      count += checkNaNPasses(set)
    }
    let sets = InstructionSet.supported.map { $0.rawValue }.joined(separator: " and ")
    print(
      "arm64: \(sets) agree with the reference in \(count) checks: direct, F(4x4, 3x3), F(6x6, 3x3), gradients"
    )
  }

  /// Fails with the name of the case.
  static func expect(_ holds: Bool, _ what: StaticString, _ one: ConvolutionCase, _ set: InstructionSet) {
    guard !holds else { return }
    print("arm64: \(set.rawValue) \(one.description): \(what)")
    exit(1)
  }

  // MARK: - Cases

  static let channels = [1, 2, 3, 12, 16, 17, 31, 48, 64, 65]
  static let pairs = [(1, 64), (64, 64), (64, 1), (1, 1), (3, 12), (12, 3), (48, 17), (17, 48)]

  static func one(_ width: Int, _ height: Int, _ channels: (Int, Int), relu: Bool = false) -> ConvolutionCase
  {
    ConvolutionCase(
      width: width, height: height, inputChannels: channels.0, outputChannels: channels.1, hasBias: true,
      relu: relu, edge: .end)
  }

  /// Every width from one to beyond two register tiles, every pair of channels, and a draw of everything.
  static var sums: [ConvolutionCase] {
    (1...17).map { one($0, 1, (3, 17), relu: $0 % 2 == 0) } + (1...17).map { one($0, 1, (12, 1)) }
      + pairs.map { one(13, 2, $0) }
      + ConvolutionCase.drawn(60, sizes: Array(1...17), channels: channels, multiplyAdds: 300_000, seed: 1)
  }

  static var gradients: [ConvolutionCase] {
    pairs.map { one(13, 3, $0) }
      + ConvolutionCase.drawn(30, sizes: Array(1...17), channels: channels, multiplyAdds: 300_000, seed: 14)
  }

  static func tiles(_ tile: WinogradTile) -> [ConvolutionCase] {
    let m = tile.outputs
    return pairs.filter { $0.0 > 1 && $0.1 > 1 }.map { one(m, m, $0) }
      + ConvolutionCase.drawn(
        16, sizes: (1...5).map { $0 * m }, channels: channels.filter { $0 > 1 }, multiplyAdds: 400_000,
        seed: 3)
  }

  static func gradientTiles(_ tile: WinogradTile) -> [ConvolutionCase] {
    let m = tile.outputs
    return pairs.filter { $0.0 > 1 && $0.1 > 1 }.map { one(m, m, $0) }
      + ConvolutionCase.drawn(
        12, sizes: (1...5).map { $0 * m }, channels: channels.filter { $0 > 1 }, multiplyAdds: 400_000,
        seed: 13)
  }

  // MARK: - Checks; each returns how many it made

  static func check(_ one: ConvolutionCase, _ set: InstructionSet) -> Int {
    let integers = one.sample { $0.integers($1) }
    let exact = one.convolve(integers, set)
    expect(exact.values == integers.expected.floats, "sums of integers are not exact", one, set)
    expect(exact.paddingIsZero && exact.borderIsUntouched, "writes outside its pixels", one, set)
    let floats = one.sample { $0.floats($1) }
    let result = one.convolve(floats, set)
    expect(one.isWithinRounding(result.values, of: floats), "beyond the rounding", one, set)
    return 2
  }

  static func check(_ one: ConvolutionCase, _ tile: WinogradTile, _ set: InstructionSet) -> Int {
    let sample = one.sample { $0.floats($1) }
    let result = one.convolve(sample, tile, set)
    switch tile {
    case .f4:
      expect(one.isWithinRounding(result.values, of: sample, tile), "F(4x4): beyond the rounding", one, set)
    case .f6:
      expect(one.isWithinRounding(result.values, of: sample, tile), "F(6x6): beyond the rounding", one, set)
    }
    expect(result.paddingIsZero && result.borderIsUntouched, "Winograd: writes outside its pixels", one, set)
    return 1
  }

  static func checkGradients(_ one: ConvolutionCase, _ set: InstructionSet) -> Int {
    let sample = GradientSample(one) { $0.integers($1) }
    let gradient = one.weightGradient(sample.input, sample.slopes, set)
    var weights = [Float](repeating: .nan, count: sample.expected.weights.count)
    var bias = [Float](repeating: .nan, count: sample.expected.bias.count)
    gradient.unpack(weights: &weights, bias: &bias)
    expect(weights == sample.expected.weights.floats, "the weights' gradient is not exact", one, set)
    expect(bias == sample.expected.bias.floats, "the biases' gradient is not exact", one, set)

    var generator = SplitMix64(seed: 3)
    let kernel = generator.integers(weights.count)
    let data = one.dataGradient(sample.slopes, kernel, gates: sample.input, set)
    let expected = ReferenceConvolution.dataGradient(
      sample.slopes, width: one.width, height: one.height, weights: kernel, inputChannels: one.inputChannels,
      outputChannels: one.outputChannels)
    expect(
      data.values == zip(expected, sample.input).map { $1 > 0 ? Float($0) : 0 },
      "the gated data gradient is not exact", one, set)
    return 3
  }

  static func checkGradient(_ one: ConvolutionCase, _ tile: WinogradTile, _ set: InstructionSet) -> Int {
    let floats = GradientSample(one) { $0.floats($1) }
    expect(
      floats.isWithinRounding(floats.gradient(tile, set).weights, tile),
      "Winograd: the weights' gradient is beyond the rounding", one, set)
    let integers = GradientSample(one) { $0.integers($1) }
    expect(
      integers.gradient(tile, set).bias == integers.expected.bias.floats,
      "Winograd: the biases' gradient is not exact", one, set)
    return 2
  }

  /// A rectifier that made zero of what is no number would hide an overflow.
  static func checkNaNPasses(_ set: InstructionSet) -> Int {
    for channels in [(3, 17), (12, 1)] {
      let one = one(9, 1, channels, relu: true)
      var sample = one.sample { $0.integers($1) }
      sample.input[4 * one.inputChannels] = .nan
      let values = one.convolve(sample, set).values
      let agrees = values.indices.allSatisfy { i in
        (3...5).contains(i / one.outputChannels)
          ? values[i].isNaN : values[i] == Float(sample.expected[i])
      }
      expect(agrees, "the rectifier hides what is no number", one, set)
    }
    return 2
  }
}
