import Convolution
import TestSupport

@testable import Training

/// A network's loss and gradient in double precision, made of `ReferenceConvolution` alone: shares no code with the
/// trainer but the shape.
struct ReferenceNetwork {
  let shape: NetworkShape
  var values: [Double]

  struct Patch {
    var side: Int
    var input: [Double]
    var truth: [Double]
  }

  /// Of a pixel that is off by so much, in a patch with that mean square error.
  typealias PixelLoss =
    @Sendable (_ error: Double, _ meanSquare: Double) -> (value: Double, derivative: Double)

  static let squared: PixelLoss = { error, _ in (error * error / 2, error) }

  func evaluate(
    _ batch: [Patch], weight: Double, loss: PixelLoss = squared
  ) -> (loss: Double, gradient: [Double]) {
    var total = 0.0
    var gradient = [Double](repeating: 0, count: values.count)
    for patch in batch {
      let maps = activations(patch)
      let output = maps[shape.depth]
      let costs = costs(patch, output, loss)
      total += costs.reduce(0) { $0 + weight * $1.value }
      let slopes = slopes(patch.side, maps, costs.map { weight * $0.derivative })
      for (index, layer) in shape.layers.enumerated() {
        let parts = ReferenceConvolution.weightGradient(
          input: maps[index], outputGradient: slopes[index], width: patch.side, height: patch.side,
          inputChannels: layer.inputs, outputChannels: layer.outputs)
        for (i, part) in zip(layer.weights, parts.weights) { gradient[i] += part }
        for (i, part) in zip(layer.biases, parts.bias) { gradient[i] += part }
      }
    }
    return (total, gradient)
  }

  /// The loss without the gradient, and which rectifiers let pass on the way to it.
  func trace(_ batch: [Patch], loss: PixelLoss) -> (loss: Double, gates: [Bool]) {
    var (total, gates) = (0.0, [Bool]())
    for patch in batch {
      let maps = activations(patch)
      total += costs(patch, maps[shape.depth], loss).reduce(0) { $0 + $1.value }
      for map in maps.dropFirst().dropLast() { gates += map.map { $0 > 0 } }
    }
    return (total, gates)
  }

  /// The loss of every pixel.
  private func costs(_ patch: Patch, _ output: [Double], _ loss: PixelLoss) -> [(
    value: Double, derivative: Double
  )] {
    let errors = output.indices.map { patch.input[$0] + output[$0] - patch.truth[$0] }
    let meanSquare = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
    return errors.map { loss($0, meanSquare) }
  }

  /// The gradient with respect to the pixels of a patch's input, which reach the loss through the network and beside it.
  func inputGradient(_ patch: Patch, weight: Double, loss: PixelLoss = squared) -> [Double] {
    let maps = activations(patch)
    let last = costs(patch, maps[shape.depth], loss).map { weight * $0.derivative }
    let through = transposed(slopes(patch.side, maps, last)[0], patch.side, 0)
    return zip(through, last).map { $0 + $1 }
  }

  /// How far the loss and the gradient of the squared loss may be off in single precision, to first order, wherever no
  /// rectifier changes its mind.
  ///
  /// A sum of n products in any order errs by at most n + 1 units of the sum of their sizes (Higham 2002, section 3.1).
  /// Where a layer runs by Winograd's algorithm, the sizes are of what its transforms add up, and a sum has the roundings of
  /// the transforms as well (2 x 4 each way, twice that without fused multiply-add). That is what each layer adds; what it receives it passes on, multiplied by its weights' sizes. The loss hears of an
  /// error in a layer by that layer's slope.
  ///
  /// Through several layers of many channels that bound grows far beyond any error that can be seen. `probable` takes the
  /// roundings as independent of each other and of either sign (Higham and Mary 2019, "A new approach to probabilistic
  /// rounding error analysis"): a sum of n errs by the square root of n units, errors of different places add up as their
  /// squares, and none of the gradient's elements errs by more than four times the deviation that follows.
  func bounds(_ batch: [Patch], weight: Double, probable: Bool = false) -> (loss: Double, gradient: [Double])
  {
    let unit = 0x1p-24
    let sizes = ReferenceNetwork(shape: shape, values: values.map(abs))
    /// An error's size, or its variance, in which independent errors add up.
    func spread(_ size: Double) -> Double { probable ? size * size : abs(size) }
    func count(_ roundings: Double) -> Double { probable ? roundings.squareRoot() : roundings }
    let spreads = ReferenceNetwork(shape: shape, values: values.map(spread))
    var total = 0.0
    var gradient = [Double](repeating: 0, count: values.count)
    for patch in batch {
      let side = patch.side
      let maps = activations(patch)
      let output = maps[shape.depth]
      let errors = output.indices.map { patch.input[$0] + output[$0] - patch.truth[$0] }
      let slopes = slopes(side, maps, errors.map { weight * $0 })

      // Forwards: the error of every layer's input, at last of the output.
      var inputErrors = [[Double](repeating: 0, count: side * side)]
      for index in 0..<shape.depth {
        let passed = spreads.convolved(inputErrors[index], side, index, bias: false)
        let own = sizes.forwardRounding(maps[index].map(abs), side, index, count)
        total += zip(slopes[index], own).reduce(0) { $0 + abs($1.0) * $1.1 }
        var sum = zip(own, passed).map { spread($0) + $1 }
        if index < shape.depth - 1 {
          for i in sum.indices where maps[index + 1][i] <= 0 { sum[i] = 0 }
        }
        inputErrors.append(sum)
      }
      // The pixels' loss, and their sum.
      for (i, error) in errors.enumerated() {
        let size = abs(patch.input[i]) + abs(output[i]) + abs(patch.truth[i])
        total += weight * (2 * unit * size * abs(error) + 4 * unit * error * error)
      }

      // Backwards: the error of every layer's slope.
      var slopeError = output.indices.map { i in
        let size = abs(patch.input[i]) + abs(output[i]) + abs(patch.truth[i])
        return spread(weight) * (inputErrors[shape.depth][i] + spread(4 * unit * size))
      }
      for (index, layer) in shape.layers.enumerated().reversed() {
        // Each of the pixels' products takes part in one sum over the batch.
        let terms = count(Double(batch.count * side * side + 1)) * unit
        let (heights, map) = (slopes[index].map(abs), maps[index].map(abs))
        if let matrices = matrices(layer) {
          let tiles = ((side + 5) / 6) * ((side + 5) / 6)
          let roundings = count(Double(2 * batch.count * tiles + 2 * 8 + 2 * 8 + 2)) * unit
          let sums = matrices.gradientMagnitudes(
            map, slopes: heights, width: side, height: side, inputs: layer.inputs, outputs: layer.outputs)
          for (i, sum) in zip(layer.weights, sums) { gradient[i] += spread(roundings * sum) }
        }
        // The sums' own errors, then those of their factors.
        for (factor, input, slope, power) in [
          (terms, map, heights, spread), (1, map.map(spread), slopeError, abs),
          (1, inputErrors[index], heights.map(spread), abs),
        ] as [(Double, [Double], [Double], (Double) -> Double)] {
          let parts = ReferenceConvolution.weightGradient(
            input: input, outputGradient: slope, width: side, height: side, inputChannels: layer.inputs,
            outputChannels: layer.outputs)
          for (i, part) in zip(layer.weights, parts.weights) { gradient[i] += power(factor * part) }
          // The bias' gradient does not depend on the input.
          if input != inputErrors[index] {
            for (i, part) in zip(layer.biases, parts.bias) { gradient[i] += power(factor * part) }
          }
        }
        if index == 0 { break }
        let own = sizes.backwardRounding(heights, side, index, count)
        let passed = spreads.transposed(slopeError, side, index)
        slopeError = own.indices.map { i in
          maps[index][i] > 0 ? spread(own[i]) + passed[i] : 0
        }
      }
    }
    return (total, probable ? gradient.map { 4 * $0.squareRoot() } : gradient)
  }

  /// The matrices of the layers that the trainer runs by Winograd's algorithm.
  private func matrices(_ layer: NetworkShape.Layer) -> WinogradMatrices? {
    min(layer.inputs, layer.outputs) >= 16 ? WinogradMatrices(.f6) : nil
  }

  /// What a layer's own rounding adds to its output; the values are the sizes of the weights.
  private func forwardRounding(_ input: [Double], _ side: Int, _ index: Int, _ count: (Double) -> Double)
    -> [Double]
  {
    let (unit, layer) = (0x1p-24, shape.layers[index])
    guard let matrices = matrices(layer) else {
      return convolved(input, side, index, bias: true).map { count(Double(9 * layer.inputs + 2)) * unit * $0 }
    }
    let roundings = count(Double(2 * layer.inputs + 2 * 8 + 2 * 8 + 2)) * unit
    let biases = Array(values[layer.biases])
    return matrices.outputMagnitudes(
      input, width: side, height: side, weights: Array(values[layer.weights]), inputs: layer.inputs,
      outputs: layer.outputs
    ).enumerated().map { roundings * ($0.element + biases[$0.offset % layer.outputs]) }
  }

  /// The same for the slope of its input.
  private func backwardRounding(_ slope: [Double], _ side: Int, _ index: Int, _ count: (Double) -> Double)
    -> [Double]
  {
    let (unit, layer) = (0x1p-24, shape.layers[index])
    guard let matrices = matrices(layer) else {
      return transposed(slope, side, index).map { count(Double(9 * layer.outputs + 1)) * unit * $0 }
    }
    // The weights of the data gradient: input and output exchanged, the taps turned by 180 degrees.
    var turned = [Double](repeating: 0, count: layer.weights.count)
    for output in 0..<layer.outputs {
      for input in 0..<layer.inputs {
        for tap in 0..<9 {
          turned[(input * layer.outputs + output) * 9 + 8 - tap] =
            values[layer.weights.lowerBound + (output * layer.inputs + input) * 9 + tap]
        }
      }
    }
    let roundings = count(Double(2 * layer.outputs + 2 * 8 + 2 * 8 + 2)) * unit
    return matrices.outputMagnitudes(
      slope, width: side, height: side, weights: turned, inputs: layer.outputs, outputs: layer.inputs
    ).map { roundings * $0 }
  }

  /// Input of every layer, and the output.
  private func activations(_ patch: Patch) -> [[Double]] {
    var maps = [patch.input]
    for index in 0..<shape.depth {
      let output = convolved(maps[index], patch.side, index, bias: true)
      maps.append(index < shape.depth - 1 ? output.map { max($0, 0) } : output)
    }
    return maps
  }

  /// Gradient with respect to every layer's output before its rectifier.
  private func slopes(_ side: Int, _ maps: [[Double]], _ last: [Double]) -> [[Double]] {
    var slopes = [last]
    for index in (1..<shape.depth).reversed() {
      let slope = transposed(slopes[0], side, index)
      slopes.insert(slope.indices.map { maps[index][$0] > 0 ? slope[$0] : 0 }, at: 0)
    }
    return slopes
  }

  private func convolved(_ input: [Double], _ side: Int, _ index: Int, bias: Bool) -> [Double] {
    let layer = shape.layers[index]
    return ReferenceConvolution.forward(
      input, width: side, height: side, weights: Array(values[layer.weights]),
      bias: bias ? Array(values[layer.biases]) : nil, inputChannels: layer.inputs,
      outputChannels: layer.outputs)
  }

  private func transposed(_ slope: [Double], _ side: Int, _ index: Int) -> [Double] {
    let layer = shape.layers[index]
    return ReferenceConvolution.dataGradient(
      slope, width: side, height: side, weights: Array(values[layer.weights]), inputChannels: layer.inputs,
      outputChannels: layer.outputs)
  }
}
