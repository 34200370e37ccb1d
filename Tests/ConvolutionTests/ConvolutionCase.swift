@testable import Convolution

/// One convolution to try, with its data and what the reference makes of them.
struct ConvolutionCase: CustomStringConvertible {
  let width: Int
  let height: Int
  let inputChannels: Int
  let outputChannels: Int
  let hasBias: Bool
  let relu: Bool
  let edge: GuardedBuffer.Edge

  var description: String {
    "\(width)x\(height) \(inputChannels)->\(outputChannels)\(hasBias ? " bias" : "")\(relu ? " relu" : "") "
      + edge.rawValue
  }

  var multiplyAdds: Int { 9 * width * height * inputChannels * outputChannels }

  /// `count` cases drawn from the products of these sizes and channel counts, at most `multiplyAdds` large.
  static func drawn(
    _ count: Int, sizes: [Int], channels: [Int], multiplyAdds: Int, seed: UInt64
  ) -> [ConvolutionCase] {
    var generator = SplitMix64(seed: seed)
    var cases: [ConvolutionCase] = []
    while cases.count < count {
      let flags = UInt8.random(in: 0..<8, using: &generator)
      let one = ConvolutionCase(
        width: sizes[Int.random(in: 0..<sizes.count, using: &generator)],
        height: sizes[Int.random(in: 0..<sizes.count, using: &generator)],
        inputChannels: channels[Int.random(in: 0..<channels.count, using: &generator)],
        outputChannels: channels[Int.random(in: 0..<channels.count, using: &generator)],
        hasBias: flags & 1 == 0, relu: flags & 2 == 0, edge: flags & 4 == 0 ? .start : .end)
      if one.multiplyAdds <= multiplyAdds { cases.append(one) }
    }
    return cases
  }

  /// The data of a case and its exact result.
  struct Sample {
    var input: [Double]
    let weights: [Double]
    let bias: [Double]?
    let expected: [Double]
  }

  func sample(_ numbers: (inout SplitMix64, Int) -> [Double]) -> Sample {
    var generator = SplitMix64(seed: UInt64(multiplyAdds))
    let input = numbers(&generator, width * height * inputChannels)
    let weights = numbers(&generator, 9 * inputChannels * outputChannels)
    let bias = hasBias ? numbers(&generator, outputChannels) : nil
    return Sample(
      input: input, weights: weights, bias: bias,
      expected: ReferenceConvolution.forward(
        input, width: width, height: height, weights: weights, bias: bias, relu: relu,
        inputChannels: inputChannels, outputChannels: outputChannels))
  }

  /// For each output the sum of the magnitudes of everything that is added up in it.
  func magnitudes(_ sample: Sample) -> [Double] {
    ReferenceConvolution.forward(
      sample.input.map { abs($0) }, width: width, height: height, weights: sample.weights.map { abs($0) },
      bias: sample.bias?.map { abs($0) }, inputChannels: inputChannels, outputChannels: outputChannels)
  }
}

extension Array where Element == Double {
  var floats: [Float] { map { Float($0) } }
}
