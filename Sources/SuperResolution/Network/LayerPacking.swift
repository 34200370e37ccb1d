import Convolution
import Dispatch
import Synchronization

/// The layers of a network on their way to being packed, side by side in one memory: each by the thread that takes it.
final class LayerPacking: Sendable {
  private let model: Model
  private let shapes: [LayerShape]
  private let instructionSet: InstructionSet
  private let memory: Memory
  private let next = Atomic(0)
  private let packed: Mutex<[NetworkLayer?]>
  /// Entered once for each layer, and left as it is packed.
  private let underWay = DispatchGroup()

  /// Nothing is packed until `run`, `runBeside` or `layers`.
  init(_ model: Model, _ shapes: [LayerShape], for instructionSet: InstructionSet) {
    (self.model, self.shapes, self.instructionSet) = (model, shapes, instructionSet)
    memory = Memory(shapes)
    packed = Mutex(Array(repeating: nil, count: shapes.count))
    for _ in shapes { underWay.enter() }
  }

  /// All layers. Who asks for them before they are packed packs those that nobody has begun, and waits for the others.
  var layers: [NetworkLayer] {
    pack()
    underWay.wait()
    return packed.withLock { $0.compactMap { $0 } }
  }

  /// Packs by all threads.
  func run() {
    DispatchQueue.concurrentPerform(iterations: shapes.count) { _ in pack(atMost: 1) }
  }

  /// Packs beside the caller by one thread, which leaves the others to those who need them.
  func runBeside() {
    // A queue of its own has a thread at once, however much computes.
    DispatchQueue(label: "acuity.layer-packing", qos: .yielding).async { [self] in pack() }
  }

  private func pack(atMost count: Int = .max) {
    for _ in 0..<count {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < shapes.count else { return }
      let layer = layer(index)
      packed.withLock { $0[index] = layer }
      underWay.leave()
    }
  }

  private func layer(_ index: Int) -> NetworkLayer {
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
