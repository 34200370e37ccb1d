package import Convolution
import SuperResolution

/// The loss of a batch of patches and its gradient, on all threads.
///
/// A group of patches is one unit of work. Patch i belongs to group i mod `groups`, each group adds up its patches in order,
/// in the thread's own gradients, and the groups are added up in order: the same bits for every number of threads.
package final class GradientEngine: @unchecked Sendable {
  /// Threads share out the groups, so that more of them than this cannot be used for one batch.
  static let groups = 16

  /// Patches of a group that go through the network together: two read each layer's weights half as often as one would; the
  /// activations of more no longer stay near.
  static func patchesAtOnce(batch: Int) -> Int { min((batch + groups - 1) / groups, 2) }

  package let shape: NetworkShape
  package let side: Int
  package let threads: Int
  private let network: PackedNetwork
  private let passes: [PatchPass]
  /// The gradient of every group, in the order of the shape's values.
  private let groups: [FloatBuffer]
  /// The gradient of the last batch, in the order of the shape's values.
  package private(set) var gradient: [Float]

  package init(
    shape: NetworkShape, side: Int, batch: Int, threads: Int, instructionSet: InstructionSet
  ) {
    precondition(side > 0 && batch > 0 && threads > 0)
    self.shape = shape
    self.side = side
    self.threads = min(threads, batch, Self.groups)
    network = PackedNetwork(shape, side: side, instructionSet: instructionSet)
    passes = (0..<self.threads).map { [network] _ in
      PatchPass(network, patches: Self.patchesAtOnce(batch: batch))
    }
    groups = (0..<min(batch, Self.groups)).map { _ in FloatBuffer(count: shape.parameterCount) }
    gradient = [Float](repeating: 0, count: shape.parameterCount)
  }

  /// Where the time of all batches so far has gone, of all threads together.
  package var times: PassTimes { passes.reduce(PassTimes()) { $0 + $1.times } }

  /// Floats of working memory: packed weights, activations and gradients of every thread, gradients of every group.
  var count: Int {
    network.count + passes.reduce(0) { $0 + $1.count } + groups.reduce(gradient.count) { $0 + $1.count }
  }

  /// Fills a patch: rows of the interpolated picture, and the truth, `side * side` floats.
  package typealias Fill =
    @Sendable (
      _ index: Int, _ input: UnsafePointer<UnsafeMutablePointer<Float>>, _ truth: UnsafeMutablePointer<Float>
    ) -> Void

  /// Computes `gradient`.
  ///
  /// - Parameters:
  ///   - parameters: of this engine's shape.
  ///   - batch: number of patches.
  ///   - loss: of one pixel.
  ///   - border: pixels at a patch's edge that do not count, because zeros beyond the edge speak there.
  ///   - weight: by which every pixel's loss is multiplied.
  ///   - fill: called once for every patch, from several threads.
  /// - Returns: what each patch adds to the loss.
  package func evaluate(
    _ parameters: Parameters, batch: Int, loss: Loss, border: Int = 0, weight: Float, fill: Fill
  ) -> [Double] {
    network.load(parameters, threads: threads)
    var losses = [Double](repeating: 0, count: batch)
    losses.withUnsafeMutableBufferPointer { losses in
      nonisolated(unsafe) let losses = losses
      share(min(batch, groups.count), among: threads) { group, thread in
        let pass = passes[thread]
        let together = pass.patches.count * groups.count
        for first in stride(from: group, to: batch, by: together) {
          let indices = stride(from: first, to: min(first + together, batch), by: groups.count)
          let patches = Array(zip(indices, pass.patches))
          for (index, patch) in patches { fill(index, patch.input, patch.truth) }
          pass.forward(network, patches.count)
          for (index, patch) in patches {
            losses[index] = patch.compare(loss, border: border, weight: weight)
          }
          pass.backward(network, patches.count, adding: first > group)
        }
        pass.unpack(network, into: groups[group].pointer)
      }
    }
    gather(groups: min(batch, groups.count))
    return losses
  }

  /// The sum of the groups; layers are shared out.
  private func gather(groups count: Int) {
    gradient.withUnsafeMutableBufferPointer { gradient in
      guard let base = gradient.baseAddress else { return }
      nonisolated(unsafe) let target = base
      share(network.layers.count, among: threads) { index, _ in
        let layer = network.layers[index]
        let values = layer.weights.lowerBound..<layer.biases.upperBound
        for i in values { target[i] = groups[0].pointer[i] }
        for group in 1..<max(count, 1) {
          let source = groups[group].pointer
          for i in values { target[i] += source[i] }
        }
      }
    }
  }
}
