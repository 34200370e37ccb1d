import Convolution
import Dispatch
import Synchronization

/// The layers of a network on their way to being packed, side by side in one memory.
final class LayerPacking: Sendable {
  private let model: Model
  private let shapes: [LayerShape]
  private let instructionSet: InstructionSet
  private let underWay = DispatchGroup()
  private let packed = Mutex<[NetworkLayer]>([])

  /// Nothing is packed until `run` or `runBeside`.
  init(_ model: Model, _ shapes: [LayerShape], for instructionSet: InstructionSet) {
    (self.model, self.shapes, self.instructionSet) = (model, shapes, instructionSet)
  }

  /// All layers; waits for those that are still being packed.
  var layers: [NetworkLayer] {
    underWay.wait()
    return packed.withLock { $0 }
  }

  /// Packs by all threads.
  func run() {
    let memory = Memory(shapes)
    let layers = Mutex([NetworkLayer?](repeating: nil, count: shapes.count))
    DispatchQueue.concurrentPerform(iterations: shapes.count) { index in
      let layer = layer(index, memory)
      layers.withLock { $0[index] = layer }
    }
    let all = layers.withLock { $0.compactMap { $0 } }
    packed.withLock { $0 = all }
  }

  /// Packs beside the caller by one thread, which leaves the others to those who need them.
  func runBeside() {
    // A queue of its own has a thread at once, however much computes.
    DispatchQueue(label: "acuity.layer-packing", qos: .yielding).async(group: underWay) { [self] in
      let memory = Memory(shapes)
      let all = shapes.indices.map { layer($0, memory) }
      packed.withLock { $0 = all }
    }
  }

  private func layer(_ index: Int, _ memory: Memory) -> NetworkLayer {
    let isSubtracted = index == shapes.count - 1 && model.residual == .subtract
    return NetworkLayer(
      model.layers[index], shapes[index], sign: isSubtracted ? -1 : 1, instructionSet: instructionSet,
      storage: memory.storage(index))
  }
}

extension LayerPacking {
  /// One buffer, in huge pages that a layer alone would be too small for.
  private struct Memory: Sendable {
    private let buffer: FloatBuffer
    private let ranges: [Range<Int>]

    init(_ shapes: [LayerShape]) {
      var end = 0
      ranges = shapes.map { shape in
        let start = (end + 15) & ~15
        end = start + shape.packedCount
        return start..<end
      }
      buffer = FloatBuffer(count: end)
    }

    func storage(_ index: Int) -> FloatBuffer { FloatBuffer(ranges[index], of: buffer) }
  }
}
