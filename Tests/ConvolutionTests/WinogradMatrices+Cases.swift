import TestSupport

extension WinogradMatrices {
  /// For each output of a case the sum of the magnitudes of everything that is added up on the way to it.
  func magnitudes(_ one: ConvolutionCase, _ sample: ConvolutionCase.Sample) -> [Double] {
    let channels = one.outputChannels
    return outputMagnitudes(
      sample.input, width: one.width, height: one.height, weights: sample.weights, inputs: one.inputChannels,
      outputs: channels
    ).enumerated().map { $0.element + abs(sample.bias?[$0.offset % channels] ?? 0) }
  }
}
