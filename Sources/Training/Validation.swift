package import Convolution
import Dispatch
import Foundation

/// PSNR on the luma of held-out pictures, each one's middle, for every variant of the degradations.
package final class Validation: @unchecked Sendable {
  package let variants: [String]
  /// Of the interpolation that the network has to beat.
  package let baseline: [Double]
  package let side: Int
  package let count: Int
  private let set: TrainingSet
  private let places: [PatchPlace]
  private let passes: [PatchPass]
  private let network: PackedNetwork

  /// Measures the middle squares of `side` pixels of the first `limit` pictures that are large enough.
  package init(
    _ set: TrainingSet, shape: NetworkShape, side: Int = 120, limit: Int = 16, threads: Int,
    instructionSet: InstructionSet
  ) {
    self.set = set
    variants = set.variants
    let smallest = set.pictures.map { min($0.width, $0.height) }.max() ?? 0
    let side = min(side, smallest)
    self.side = side
    let chosen = set.pictures.indices.filter {
      min(set.pictures[$0].width, set.pictures[$0].height) >= side
    }.prefix(limit)
    count = chosen.count
    places = set.variants.indices.flatMap { variant in
      chosen.map { index in
        PatchPlace(
          picture: index, variant: variant, x: (set.pictures[index].width - side) / 2,
          y: (set.pictures[index].height - side) / 2, orientation: 0)
      }
    }
    network = PackedNetwork(shape, side: max(side, 1), instructionSet: instructionSet)
    passes = (0..<max(1, min(threads, places.count))).map { [network] _ in
      PatchPass(network, trains: false)
    }
    let places = places
    var baseline: [[Double]] = set.variants.map { _ in [] }
    for place in places {
      let picture = set.pictures[place.picture]
      var sum = 0.0
      for y in place.y..<place.y + side {
        for x in place.x..<place.x + side {
          let at = y * picture.width + x
          let error = Self.rounded(picture.inputs[place.variant][at]) - Double(picture.truth[at]) * 255
          sum += error * error
        }
      }
      baseline[place.variant].append(Self.psnr(sum / Double(side * side)))
    }
    self.baseline = baseline.map(Self.mean)
  }

  /// Mean PSNR in dB for each variant; of results rounded to 8 bits, as pictures are.
  package func measure(_ parameters: Parameters) -> [Double] {
    network.load(parameters)
    var results = [Double](repeating: 0, count: places.count)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      DispatchQueue.concurrentPerform(iterations: passes.count) { thread in
        let pass = passes[thread]
        for index in stride(from: thread, to: places.count, by: passes.count) {
          set.fill(places[index], side: side, input: pass.input, truth: pass.truth)
          // The output overwrites the input's map in a network of one layer's depth parity; keep the input.
          let input = (0..<side * side).map { pass.input[$0 / side][$0 % side] }
          pass.forward(network)
          var sum = 0.0
          for y in 0..<side {
            for x in 0..<side {
              let value = Self.rounded(input[y * side + x] + pass.output[y][x])
              let error = value - Double(pass.truth[y * side + x]) * 255
              sum += error * error
            }
          }
          results[index] = Self.psnr(sum / Double(side * side))
        }
      }
    }
    return variants.indices.map { variant in
      Self.mean(zip(places, results).filter { $0.0.variant == variant }.map(\.1))
    }
  }

  private static func rounded(_ value: Float) -> Double {
    min(max((Double(value) * 255).rounded(), 0), 255)
  }
  private static func psnr(_ meanSquare: Double) -> Double {
    10 * log10(255 * 255 / max(meanSquare, 1e-10))
  }
  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}
