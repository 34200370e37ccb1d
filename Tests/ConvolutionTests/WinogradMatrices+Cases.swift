import Microkernel
import TestSupport

@testable import Convolution

extension WinogradMatrices {
  /// For each output of a case the sum of the magnitudes of everything that is added up on the way to it.
  func magnitudes(_ one: ConvolutionCase, _ sample: ConvolutionCase.Sample) -> [Double] {
    let side = outputs + 2
    let (inputs, outputChannels) = (one.inputChannels, one.outputChannels)
    func absolute(_ matrix: [[Double]]) -> [[Double]] { matrix.map { $0.map { abs($0) } } }
    let transformed = (0..<outputChannels * inputs).map { pair in
      Self.sandwich(
        absolute(weights), (0..<3).map { i in (0..<3).map { abs(sample.weights[pair * 9 + i * 3 + $0]) } }
      ).flatMap { $0 }
    }
    var magnitudes = [Double](repeating: 0, count: one.width * one.height * outputChannels)
    for top in stride(from: 0, to: one.height, by: outputs) {
      for left in stride(from: 0, to: one.width, by: outputs) {
        let patches = (0..<inputs).map { channel in
          Self.sandwich(
            absolute(input),
            (0..<side).map { i in
              (0..<side).map { j in
                let (y, x) = (top + i - 1, left + j - 1)
                guard y >= 0, y < one.height, x >= 0, x < one.width else { return 0 }
                return abs(sample.input[(y * one.width + x) * inputs + channel])
              }
            }
          ).flatMap { $0 }
        }
        for channel in 0..<outputChannels {
          var sums = [Double](repeating: 0, count: side * side)
          for i in 0..<inputs {
            for f in sums.indices { sums[f] += patches[i][f] * transformed[channel * inputs + i][f] }
          }
          let square = (0..<side).map { Array(sums[$0 * side..<($0 + 1) * side]) }
          let result = Self.sandwich(absolute(output), square)
          for i in 0..<outputs {
            for j in 0..<outputs {
              magnitudes[((top + i) * one.width + left + j) * outputChannels + channel] =
                result[i][j] + abs(sample.bias?[channel] ?? 0)
            }
          }
        }
      }
    }
    return magnitudes
  }

  /// For each weight of a case the sum of the magnitudes of everything that is added up on the way to its gradient.
  func gradientMagnitudes(_ one: ConvolutionCase, input pixels: [Double], slopes: [Double]) -> [Double] {
    let side = outputs + 2
    let (inputs, outputChannels) = (one.inputChannels, one.outputChannels)
    func absolute(_ matrix: [[Double]]) -> [[Double]] { matrix.map { $0.map { abs($0) } } }
    func transposed(_ matrix: [[Double]]) -> [[Double]] {
      matrix[0].indices.map { j in matrix.map { $0[j] } }
    }
    /// The transform of the square of `count` pixels around a tile, of every channel.
    func transforms(
      _ matrix: [[Double]], _ plane: [Double], _ channels: Int, _ top: Int, _ left: Int, _ count: Int
    ) -> [[Double]] {
      (0..<channels).map { channel in
        Self.sandwich(
          matrix,
          (0..<count).map { i in
            (0..<count).map { j in
              let (y, x) = (top + i, left + j)
              guard y >= 0, y < one.height, x >= 0, x < one.width else { return 0 }
              return abs(plane[(y * one.width + x) * channels + channel])
            }
          }
        ).flatMap { $0 }
      }
    }
    var sums = [[Double]](
      repeating: [Double](repeating: 0, count: side * side), count: outputChannels * inputs)
    let (inputMatrix, slopeMatrix) = (absolute(input), absolute(transposed(output)))
    for top in stride(from: 0, to: one.height, by: outputs) {
      for left in stride(from: 0, to: one.width, by: outputs) {
        let v = transforms(inputMatrix, pixels, inputs, top - 1, left - 1, side)
        let d = transforms(slopeMatrix, slopes, outputChannels, top, left, outputs)
        for o in 0..<outputChannels {
          for i in 0..<inputs {
            for f in 0..<side * side { sums[o * inputs + i][f] += v[i][f] * d[o][f] }
          }
        }
      }
    }
    let weightMatrix = absolute(transposed(weights))
    return sums.flatMap { sum in
      Self.sandwich(weightMatrix, (0..<side).map { Array(sum[$0 * side..<($0 + 1) * side]) }).flatMap { $0 }
    }
  }
}
