import Convolution

/// Forward and backward through the network for one patch at a time; one for each thread.
final class PatchPass {
  let side: Int
  /// `maps[l]` is the input of layer l, the last one the network's output.
  private let maps: [FeatureMap]
  /// Gradients with respect to the maps: two of each channel count, taken in turn.
  private var slopes: [Int: [FeatureMap]] = [:]
  private let scratch: FloatBuffer
  /// One for each layer; empty where nothing is trained.
  private let gradients: [LayerGradient]
  /// What the output should have been.
  let truth: UnsafeMutablePointer<Float>
  /// Where the time of all patches so far has gone.
  private(set) var times = PassTimes()

  /// Without `trains` there is a forward pass alone, and two maps of each kind are kept instead of all.
  init(_ network: PackedNetwork, trains: Bool = true) {
    let shape = network.shape
    gradients = trains ? network.gradients() : []
    scratch = FloatBuffer(count: max(network.scratchCount, gradients.map(\.scratchCount).max() ?? 0))
    side = network.side
    let padded = network.paddedSide
    func pair(_ channels: Int) -> [FeatureMap] {
      (0..<2).map { _ in FeatureMap(width: padded, height: padded, channels: channels) }
    }
    if trains {
      maps = shape.channels.map { FeatureMap(width: padded, height: padded, channels: $0) }
      for channels in Set(shape.channels) { slopes[channels] = pair(channels) }
    } else {
      var shared: [Int: [FeatureMap]] = [:]
      for channels in Set(shape.channels) { shared[channels] = pair(channels) }
      maps = shape.channels.enumerated().map { index, channels in
        shared[channels, default: []][index & 1]
      }
    }
    truth = .allocate(capacity: side * side)
    truth.initialize(repeating: 0, count: side * side)
  }

  deinit { truth.deallocate() }

  /// Floats of working memory: activations, slopes, gradients, the kernels' scratch, the truth.
  var count: Int {
    let distinct = Dictionary((maps + slopes.values.joined()).map { (ObjectIdentifier($0), $0) }) { $1 }
    return distinct.values.reduce(
      side * side + scratch.count + gradients.reduce(0) { $0 + $1.count }
    ) { $0 + FeatureMap.count(width: $1.width, height: $1.height, channels: $1.channels) }
  }

  /// The rows that receive the interpolated patch.
  var input: UnsafePointer<UnsafeMutablePointer<Float>> { maps[0].outputs }
  /// The rows of the residual that the network found.
  var output: UnsafePointer<UnsafePointer<Float>> { maps[maps.count - 1].rows }

  /// `output = network(input)`.
  func forward(_ network: PackedNetwork) {
    let start = ContinuousClock.now
    defer { times.forward += .now - start }
    for index in 0..<maps.count - 1 {
      network.forward(
        index, maps[index], into: maps[index + 1], relu: index < maps.count - 2, scratch: scratch.pointer)
    }
  }

  /// Compares `input + output` with `truth` and puts the gradient of the loss in place.
  /// - Returns: the loss times the number of pixels that count, weighed.
  func compare(_ loss: Loss, border: Int, weight: Float) -> Double {
    let slope = slopes[1, default: []][(maps.count - 1) & 1].outputs
    let counted = border..<side - border
    var sum = 0.0
    for y in 0..<side {
      for x in 0..<side {
        guard counted.contains(y), counted.contains(x) else {
          slope[y][x] = 0
          continue
        }
        let (value, derivative) = loss.ofPixel(maps[0].rows[y][x] + output[y][x] - truth[y * side + x])
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

  /// Forgets the gradients of earlier patches.
  func reset() {
    for gradient in gradients { gradient.reset() }
  }

  /// Adds the gradient of the loss that `compare` has put in place to those of earlier patches.
  func backward(_ network: PackedNetwork) {
    for index in stride(from: maps.count - 2, through: 0, by: -1) {
      let start = ContinuousClock.now
      let slope = slopes[maps[index + 1].channels, default: []][(index + 1) & 1]
      gradients[index].accumulate(
        network.kernels, side: side, input: maps[index], slope: slope, scratch: scratch.pointer)
      let between = ContinuousClock.now
      times.weightGradient += between - start
      if index == 0 { break }
      let inputSlope = slopes[maps[index].channels, default: []][index & 1]
      network.backward(index, slope, into: inputSlope, input: maps[index], scratch: scratch.pointer)
      times.dataGradient += .now - between
    }
  }

  /// The gradients of all patches since `reset`, in the order of the shape's values.
  func unpack(_ network: PackedNetwork, into target: UnsafeMutablePointer<Float>) {
    let start = ContinuousClock.now
    defer { times.weightGradient += .now - start }
    for (layer, gradient) in zip(network.layers, gradients) {
      gradient.unpack(
        weights: target + layer.weights.lowerBound, bias: target + layer.biases.lowerBound,
        scratch: scratch.pointer)
    }
  }
}
