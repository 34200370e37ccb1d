package import Convolution
import Pixels
import SuperResolution

/// PSNR on the luma of held-out pictures, each one's middle, for every variant of the degradations.
package final class Validation: @unchecked Sendable {
  package let variants: [String]
  /// Of the interpolation that the network has to beat.
  package private(set) var baseline: [Double] = []
  package let side: Int
  package let pictures: Int
  private let set: TrainingSet
  private let places: [PatchPlace]
  private let passes: [PatchPass]
  private let network: PackedNetwork

  /// Measures the middle squares of `side` pixels of the first `limit` pictures that are large enough.
  package init(
    _ set: TrainingSet, shape: NetworkShape, side: Int = defaultSide, limit: Int = defaultLimit, threads: Int,
    instructionSet: InstructionSet
  ) {
    self.set = set
    variants = set.variants
    let (side, chosen) = Self.choice(of: set, side: side, limit: limit)
    self.side = side
    pictures = chosen.count
    places = set.variants.indices.flatMap { variant in
      chosen.map { index in
        PatchPlace(
          picture: index, variant: variant, x: (set.pictures[index].width - side) / 2,
          y: (set.pictures[index].height - side) / 2, orientation: 0)
      }
    }
    network = PackedNetwork(shape, side: max(side, 1), trains: false, instructionSet: instructionSet)
    passes = (0..<max(1, min(threads, places.count))).map { [network] _ in
      PatchPass(network, trains: false)
    }
    baseline = means(
      of: places.map { place in
        let picture = set.pictures[place.picture]
        return decibels(place) { x, y in
          picture.inputs[place.variant][(place.y + y) * picture.width + place.x + x]
        }
      })
  }

  package static let defaultSide = 120
  package static let defaultLimit = 16

  /// The side of the squares and the pictures that have them: of pictures smaller than `side` the smallest quarter is left out.
  static func choice(of set: TrainingSet, side: Int = defaultSide, limit: Int = defaultLimit) -> (
    side: Int, pictures: [Int]
  ) {
    let sides = set.pictures.map { min($0.width, $0.height) }
    let side = min(side, sides.isEmpty ? 0 : sides.sorted()[sides.count / 4])
    return (side, Array(sides.indices.filter { sides[$0] >= side }.prefix(limit)))
  }

  /// Floats of working memory: packed weights, and the activations of every thread.
  var count: Int { network.count + passes.reduce(0) { $0 + $1.count } }

  /// Mean PSNR in dB for each variant; of results rounded to 8 bits, as pictures are.
  package func measure(_ parameters: Parameters) -> [Double] {
    network.load(parameters, threads: passes.count)
    var results = [Double](repeating: 0, count: places.count)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let (results, passes) = (results, passes)
      share(places.count, among: passes.count) { index, thread in
        let pass = passes[thread]
        let patch = pass.patches[0]
        set.fill(places[index], side: side, input: patch.input, truth: patch.truth)
        // The maps take turns, so that a layer's output may come to lie over the network's input, which is still needed.
        let input = (0..<side * side).map { patch.input[$0 / side][$0 % side] }
        pass.forward(network)
        results[index] = decibels(places[index]) { x, y in input[y * side + x] + patch.output[y][x] }
      }
    }
    return means(of: results)
  }

  /// Of the square at `place`, rounded to 8 bits and with an end: equal squares count as 100 dB, so that means are numbers.
  private func decibels(_ place: PatchPlace, _ value: (_ x: Int, _ y: Int) -> Float) -> Double {
    let picture = set.pictures[place.picture]
    func square(_ sample: (_ x: Int, _ y: Int) -> Float) -> DoublePlane {
      let samples = (0..<side * side).map { Double(sample($0 % side, $0 / side)) * 255 }
      return DoublePlane(width: side, height: side, samples: samples)
    }
    let truth = square { x, y in picture.truth[(place.y + y) * picture.width + place.x + x] }
    let decibels = psnr(truth, square(value).roundedTo8Bits())
    return decibels > 100 ? 100 : decibels
  }

  /// Of each variant.
  private func means(of results: [Double]) -> [Double] {
    variants.indices.map { variant in
      let own = zip(places, results).filter { $0.0.variant == variant }.map(\.1)
      return own.isEmpty ? 0 : own.reduce(0, +) / Double(own.count)
    }
  }
}
