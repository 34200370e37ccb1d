import Convolution

/// Forward and backward through the network for a few patches at a time; one for each thread.
///
/// The patches go through a layer one after the other before the next layer's turn: its weights (1 MB of 64 channels in the
/// frequency domain) and its gradient, as large, come from memory once for all of them.
final class PatchPass {
  let patches: [PatchMaps]
  private let scratch: FloatBuffer
  /// One for each layer; empty where nothing is trained.
  private let gradients: [LayerGradient]
  /// Where the time of all patches so far has gone.
  private(set) var times = PassTimes()

  /// Without `trains` there is a forward pass alone.
  init(_ network: PackedNetwork, patches count: Int = 1, trains: Bool = true) {
    patches = (0..<count).map { _ in PatchMaps(network, trains: trains) }
    gradients = trains ? network.gradients() : []
    scratch = FloatBuffer(count: max(network.scratchCount, gradients.map(\.scratchCount).max() ?? 0))
  }

  /// Floats of working memory: activations, slopes, truths, gradients, the kernels' scratch.
  var count: Int {
    patches.reduce(0) { $0 + $1.count } + scratch.count + gradients.reduce(0) { $0 + $1.count }
  }

  /// `output = network(input)` of the first `count` patches.
  func forward(_ network: PackedNetwork, _ count: Int = 1) {
    let start = ContinuousClock.now
    defer { times.forward += .now - start }
    let layers = network.layers.indices
    for index in layers {
      for patch in patches.prefix(count) {
        network.forward(
          index, patch.maps[index], into: patch.maps[index + 1], relu: index + 1 < layers.upperBound,
          scratch: scratch.pointer)
      }
    }
  }

  /// Adds the gradients of the first `count` patches' loss, which `compare` has put in place, to those of earlier patches,
  /// which are forgotten unless `adding`.
  func backward(_ network: PackedNetwork, _ count: Int, adding: Bool) {
    for index in network.layers.indices.reversed() {
      let start = ContinuousClock.now
      for (number, patch) in patches.prefix(count).enumerated() {
        gradients[index].accumulate(
          network.kernels, side: patch.side, input: patch.maps[index], slope: patch.slope(index + 1),
          adding: adding || number > 0, scratch: scratch.pointer)
      }
      let between = ContinuousClock.now
      times.weightGradient += between - start
      // Nobody asks for the gradient of the picture.
      if index == 0 { break }
      for patch in patches.prefix(count) {
        network.backward(
          index, patch.slope(index + 1), into: patch.slope(index), input: patch.maps[index],
          scratch: scratch.pointer)
      }
      times.dataGradient += .now - between
    }
  }

  /// The gradients of all patches that were added up, in the order of the shape's values.
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
