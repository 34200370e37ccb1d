import Convolution
import Dispatch
import Synchronization
import Testing

@testable import SuperResolution

@Suite("The layers of a network on their way to being packed")
struct LayerPackingTests: Sendable {
  private let model: Model
  private let shapes: [LayerShape]

  init() throws {
    model = try smallModel()
    shapes = model.layers.map { LayerShape($0, algorithm: .winograd6, instructionSet: .baseline) }
  }

  private func packing() -> LayerPacking { LayerPacking(model, shapes, for: .baseline) }

  private func isWhole(_ layers: [NetworkLayer]) -> Bool {
    layers.map(\.outputChannels) == model.layers.map(\.outputChannels)
  }

  @Test("Who asks for them packs what nobody has begun")
  func alone() {
    let packing = packing()
    let isPacked = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
      if isWhole(packing.layers) { isPacked.signal() }
    }
    #expect(isPacked.wait(timeout: .now() + 60) == .success)
  }

  @Test("All who ask while they are being packed get all of them")
  func together() {
    for _ in 0..<200 {
      let packing = packing()
      packing.runBeside()
      let whole = Mutex(0)
      DispatchQueue.concurrentPerform(iterations: 4) { _ in
        let isWhole = isWhole(packing.layers)
        whole.withLock { $0 += isWhole ? 1 : 0 }
      }
      #expect(whole.withLock { $0 } == 4)
    }
  }
}
