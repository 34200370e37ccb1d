import Microkernel

@testable import Convolution

// MARK: - By the direct kernels

extension ConvolutionCase {
  /// The convolution with every buffer, those of the weights too, between unreadable pages.
  func convolve(_ sample: Sample, _ set: InstructionSet) -> Activations {
    let packed = PackedWeights(
      sample.weights.floats, bias: sample.bias?.floats, inputChannels: inputChannels,
      outputChannels: outputChannels, instructionSet: set)
    let layout = packed.layout
    let weights = GuardedBuffer(copying: packed.weights, count: layout.weightCount, edge: edge)
    let bias = GuardedBuffer(copying: packed.bias, count: layout.outputStride, edge: edge)
    let source = Activations(
      sample.input, width: width, height: height, channels: inputChannels, edge: edge)
    let target = Activations(
      width: width, height: height, channels: outputChannels, edge: edge)
    withExtendedLifetime((packed, weights, bias, source)) {
      source.inputs.withUnsafeBufferPointer { inputs in
        target.outputs.withUnsafeBufferPointer { outputs in
          guard let inputs = inputs.baseAddress, let outputs = outputs.baseAddress else { return }
          Kernels(for: set).table.convolveRows(
            ConvolutionRows(
              inputs: inputs, outputs: outputs, rows: height, width: width,
              inputStride: layout.inputStride, outputStride: layout.outputStride, weights: weights.pointer,
              bias: bias.pointer, relu: relu, gates: nil, addends: nil))
        }
      }
    }
    return target
  }

  /// Every output within the rounding that its own sum can make, in whatever order: a term goes through the rounding of
  /// its product and at most one for each other term, half an ulp each, relative to the sum of the magnitudes.
  func isWithinRounding(_ values: [Float], of sample: Sample) -> Bool {
    let terms = Double(9 * inputChannels + 1)
    return zip(zip(values, sample.expected), magnitudes(sample)).allSatisfy {
      abs(Double($0.0) - $0.1) <= $1 * (terms + 1) * 0x1p-24
    }
  }

  /// The weights' gradient, with it too beside unreadable pages, in two calls: they must add.
  func weightGradient(_ input: [Double], _ slopes: [Double], _ set: InstructionSet) -> PackedGradient {
    let packed = PackedGradient(
      PackedLayout(
        inputChannels: inputChannels, outputChannels: outputChannels, instructionSet: set))
    let guarded = GuardedBuffer(copying: packed.floats, count: packed.layout.count, edge: edge)
    let source = Activations(
      input, width: width, height: height, channels: inputChannels, edge: edge)
    let target = Activations(
      slopes, width: width, height: height, channels: outputChannels, edge: edge)
    let slopeRows = target.outputs.map { UnsafePointer($0) }
    let half = height / 2
    withExtendedLifetime((guarded, source, target, packed)) {
      for rows in [0..<half, half..<height] {
        source.inputs[rows.lowerBound...].withUnsafeBufferPointer { inputs in
          slopeRows[rows.lowerBound...].withUnsafeBufferPointer { slopes in
            guard let inputs = inputs.baseAddress, let slopes = slopes.baseAddress else { return }
            Kernels(for: set).table.accumulateWeightGradient(
              WeightGradientRows(
                inputs: inputs, outputGradients: slopes, rows: rows.count, width: width,
                inputStride: packed.layout.inputStride, outputStride: packed.layout.outputStride,
                gradient: guarded.pointer, biasGradient: guarded.pointer + packed.layout.weightCount))
          }
        }
      }
      packed.floats.update(from: guarded.pointer, count: packed.layout.count)
    }
    return packed
  }

  /// The data gradient, zero where `gated` is not positive: the gradient of the ReLU that made the activations.
  func dataGradient(_ slopes: [Double], _ weights: [Double], gates gated: [Double], _ set: InstructionSet)
    -> Activations
  {
    let source = Activations(
      slopes, width: width, height: height, channels: outputChannels, edge: edge)
    let target = Activations(
      width: width, height: height, channels: inputChannels, edge: edge)
    let gates = Activations(
      gated, width: width, height: height, channels: inputChannels, edge: edge)
    let packed = PackedWeights.transposedFlipped(
      weights.floats, inputChannels: inputChannels, outputChannels: outputChannels,
      instructionSet: set)
    withExtendedLifetime((source, gates)) {
      Kernels(for: set).convolveRows(
        source.inputs, into: target.outputs, rows: height, width: width, weights: packed,
        gates: gates.outputs.map { UnsafePointer($0) })
    }
    return target
  }
}
