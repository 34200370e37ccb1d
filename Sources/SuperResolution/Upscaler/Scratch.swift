import Pixels

/// Several float planes of one rectangle's size, dense, that live for one call.
struct Scratch {
  private let base: UnsafeMutablePointer<Float>
  private let samples: Int

  subscript(plane: Int) -> UnsafeMutablePointer<Float> { base + plane * samples }

  static func with(_ count: Int, planesOf rect: Rect, _ body: (Scratch) -> Void) {
    let samples = rect.width * rect.height
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, count * samples)) { buffer in
      body(Scratch(base: buffer.baseAddress.unsafelyUnwrapped, samples: samples))
    }
  }
}
