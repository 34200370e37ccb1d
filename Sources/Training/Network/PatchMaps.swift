/// What is kept of one patch on its way through the network and back.
final class PatchMaps {
  let side: Int
  /// `maps[l]` is the input of layer l, the last one the network's output.
  let maps: [FeatureMap]
  /// Gradients with respect to the maps: two of each channel count, taken in turn.
  private let slopes: [Int: [FeatureMap]]
  /// What the output should have been.
  let truth: UnsafeMutablePointer<Float>

  /// Without `trains` for a forward pass alone: two maps of each kind are kept instead of all, and no slopes.
  init(_ network: PackedNetwork, trains: Bool) {
    let channels = network.shape.channels
    let padded = network.paddedSide
    func map(_ channels: Int) -> FeatureMap { FeatureMap(width: padded, height: padded, channels: channels) }
    let pairs = Dictionary(uniqueKeysWithValues: Set(channels).map { ($0, [map($0), map($0)]) })
    slopes = trains ? pairs : [:]
    maps = trains ? channels.map(map) : channels.enumerated().map { pairs[$1, default: []][$0 & 1] }
    side = network.side
    truth = .allocate(capacity: side * side)
    truth.initialize(repeating: 0, count: side * side)
  }

  deinit { truth.deallocate() }

  /// The rows that receive the interpolated patch.
  var input: UnsafePointer<UnsafeMutablePointer<Float>> { maps[0].outputs }
  /// The rows of the residual that the network found.
  var output: UnsafePointer<UnsafePointer<Float>> { maps[maps.count - 1].rows }

  /// The gradient with respect to `maps[index]`.
  func slope(_ index: Int) -> FeatureMap { slopes[maps[index].channels, default: []][index & 1] }

  /// Floats of activations, slopes and the truth.
  var count: Int {
    let distinct = Dictionary((maps + slopes.values.joined()).map { (ObjectIdentifier($0), $0) }) { $1 }
    return distinct.values.reduce(side * side) {
      $0 + FeatureMap.count(width: $1.width, height: $1.height, channels: $1.channels)
    }
  }

  /// Compares `input + output` with `truth` and puts the gradient of the loss in place.
  /// - Returns: the loss times the number of pixels that count, weighed.
  func compare(_ loss: Loss, border: Int, weight: Float) -> Double {
    let slope = slope(maps.count - 1).outputs
    let counted = border..<side - border
    var sum = 0.0
    for y in 0..<side {
      for x in 0..<side {
        guard counted.contains(y), counted.contains(x) else {
          slope[y][x] = 0
          continue
        }
        let (value, derivative) = loss.ofPixel(input[y][x] + output[y][x] - truth[y * side + x])
        sum += Double(value)
        slope[y][x] = derivative * weight
      }
    }
    let count = Double(counted.count * counted.count)
    let (value, derivative) = loss.ofPatch(mean: sum / count)
    if derivative != 1 {
      for y in counted {
        for x in counted { slope[y][x] *= Float(derivative) }
      }
    }
    return value * count * Double(weight)
  }
}
