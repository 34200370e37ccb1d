import Convolution

/// Forward and backward through the network for one patch at a time; one for each thread.
final class PatchPass {
  let side: Int
  /// `maps[l]` is the input of layer l, the last one the network's output.
  private let maps: [FeatureMap]
  /// Gradients with respect to the maps: two of each channel count, taken in turn.
  private var slopes: [Int: [FeatureMap]] = [:]
  private let scratch: FloatBuffer
  /// What the output should have been.
  let truth: UnsafeMutablePointer<Float>

  /// Without `trains` there is a forward pass alone, and two maps of each kind are kept instead of all.
  init(_ network: PackedNetwork, side: Int, trains: Bool = true) {
    let shape = network.shape
    scratch = FloatBuffer(count: network.scratchCount)
    self.side = side
    func pair(_ channels: Int) -> [FeatureMap] {
      (0..<2).map { _ in FeatureMap(width: side, height: side, channels: channels) }
    }
    if trains {
      maps = shape.channels.map { FeatureMap(width: side, height: side, channels: $0) }
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

  /// Bytes of the working memory of one thread.
  static func bytes(_ shape: NetworkShape, side: Int) -> Int {
    let slopes = Set(shape.channels).flatMap { [$0, $0] }
    return (shape.channels + slopes).reduce(side * side * 4) {
      $0 + FeatureMap.bytes(width: side, height: side, channels: $1)
    }
  }

  /// The rows that receive the interpolated patch.
  var input: UnsafePointer<UnsafeMutablePointer<Float>> { maps[0].outputs }
  /// The rows of the residual that the network found.
  var output: UnsafePointer<UnsafePointer<Float>> { maps[maps.count - 1].rows }

  /// `output = network(input)`.
  func forward(_ network: PackedNetwork) {
    for index in 0..<maps.count - 1 {
      network.forward(
        index, maps[index], into: maps[index + 1], relu: index < maps.count - 2, scratch: scratch.pointer)
    }
  }

  /// Compares `input + output` with `truth` and puts the gradient of the loss in place.
  /// - Returns: the loss summed over the pixels and weighed.
  func compare(_ loss: Loss, border: Int, weight: Float) -> Double {
    let slope = slopes[1, default: []][(maps.count - 1) & 1].outputs
    let (input, output) = (maps[0].rows, output)
    var sum = 0.0
    for y in 0..<side {
      let inside = y >= border && y < side - border
      for x in 0..<side {
        guard inside, x >= border, x < side - border else {
          slope[y][x] = 0
          continue
        }
        let (value, derivative) = loss(input[y][x] + output[y][x] - truth[y * side + x])
        sum += Double(value)
        slope[y][x] = derivative * weight
      }
    }
    return sum * Double(weight)
  }

  /// Adds the gradient of the loss that `compare` has put in place to `gradients`, one for each layer.
  func backward(_ network: PackedNetwork, into gradients: [PackedGradient]) {
    for index in stride(from: maps.count - 2, through: 0, by: -1) {
      let slope = slopes[maps[index + 1].channels, default: []][(index + 1) & 1]
      network.kernels.accumulateWeightGradient(
        inputs: maps[index].padded, outputGradients: slope.rows, rows: side, width: side,
        into: gradients[index])
      if index == 0 { break }
      let inputSlope = slopes[maps[index].channels, default: []][index & 1]
      network.backward(index, slope, into: inputSlope, input: maps[index], scratch: scratch.pointer)
    }
  }
}
