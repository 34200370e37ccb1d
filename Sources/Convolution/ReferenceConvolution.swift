/// The 3x3 convolution as its definition reads: loops over Double sums, no padding channels, no tricks.
///
/// Everything faster in this module is tested against it. Planes are HWC: `[height][width][channels]`; pixels beyond
/// the border are zero; weights are OIHW.
package enum ReferenceConvolution {
  /// `output[y][x][o] = bias[o] + sum over i, tap of input[y + tapY - 1][x + tapX - 1][i] * weights[o][i][tap]`
  package static func forward(
    _ input: [Double], width: Int, height: Int, weights: [Double], bias: [Double]? = nil, relu: Bool = false,
    inputChannels: Int, outputChannels: Int
  ) -> [Double] {
    var output = [Double](repeating: 0, count: width * height * outputChannels)
    for y in 0..<height {
      for x in 0..<width {
        for o in 0..<outputChannels {
          var sum = bias?[o] ?? 0
          for (tap, (row, column)) in neighbours(y, x) where inside(row, column, width, height) {
            for i in 0..<inputChannels {
              sum +=
                input[(row * width + column) * inputChannels + i] * weights[(o * inputChannels + i) * 9 + tap]
            }
          }
          output[(y * width + x) * outputChannels + o] = relu ? max(sum, 0) : sum
        }
      }
    }
    return output
  }

  /// The gradient of a loss with respect to the input, given that with respect to the output.
  package static func dataGradient(
    _ outputGradient: [Double], width: Int, height: Int, weights: [Double], inputChannels: Int,
    outputChannels: Int
  ) -> [Double] {
    var gradient = [Double](repeating: 0, count: width * height * inputChannels)
    for y in 0..<height {
      for x in 0..<width {
        for (tap, (row, column)) in neighbours(y, x) where inside(row, column, width, height) {
          for o in 0..<outputChannels {
            let slope = outputGradient[(y * width + x) * outputChannels + o]
            for i in 0..<inputChannels {
              gradient[(row * width + column) * inputChannels + i] +=
                slope * weights[(o * inputChannels + i) * 9 + tap]
            }
          }
        }
      }
    }
    return gradient
  }

  /// The gradient of a loss with respect to the weights (OIHW) and the bias.
  package static func weightGradient(
    input: [Double], outputGradient: [Double], width: Int, height: Int, inputChannels: Int,
    outputChannels: Int
  ) -> (weights: [Double], bias: [Double]) {
    var weights = [Double](repeating: 0, count: 9 * inputChannels * outputChannels)
    var bias = [Double](repeating: 0, count: outputChannels)
    for y in 0..<height {
      for x in 0..<width {
        for o in 0..<outputChannels {
          let slope = outputGradient[(y * width + x) * outputChannels + o]
          bias[o] += slope
          for (tap, (row, column)) in neighbours(y, x) where inside(row, column, width, height) {
            for i in 0..<inputChannels {
              weights[(o * inputChannels + i) * 9 + tap] +=
                slope * input[(row * width + column) * inputChannels + i]
            }
          }
        }
      }
    }
    return (weights, bias)
  }

  /// The nine taps' positions around a pixel, in the order of the weights.
  private static func neighbours(_ y: Int, _ x: Int) -> EnumeratedSequence<[(Int, Int)]> {
    var all: [(Int, Int)] = []
    for dy in -1...1 {
      for dx in -1...1 { all.append((y + dy, x + dx)) }
    }
    return all.enumerated()
  }

  private static func inside(_ row: Int, _ column: Int, _ width: Int, _ height: Int) -> Bool {
    row >= 0 && row < height && column >= 0 && column < width
  }
}
