import Acuity
import Synchronization
import TestSupport
import Testing

@Suite("Upscaling from tasks")
struct UpscalerAsyncTests {
  private static func network() throws -> Network {
    let layers = (0..<6).map { index in
      Model.Layer(
        inputChannels: index == 0 ? 1 : 32, outputChannels: index == 5 ? 1 : 32,
        weights: [Float](repeating: 0.001, count: 9 * (index == 0 || index == 5 ? 32 : 1024)), relu: index < 5
      )
    }
    return try Network(Model(layers: layers))
  }

  @Test("Many tasks at once get what one call gives")
  func concurrent() async throws {
    let upscaler = Upscaler(try Self.network())
    let image = Pictures.noise(width: 40, height: 30, layout: .rgba, seed: 2)
    let size = Size(width: 71, height: 53)
    let expected = try upscaler.upscale(image, to: size)
    try await withThrowingTaskGroup(of: Image.self) { group in
      for _ in 0..<6 { group.addTask { try await upscaler.upscaled(image, to: size) } }
      for try await result in group { #expect(result == expected) }
    }
    let plane = Pictures.noise(width: 33, height: 21, seed: 3)
    #expect(try await upscaler.model.enhanced(plane) == upscaler.model.enhance(plane))
  }

  @Test("Cancelling the task ends the work")
  func cancelled() async throws {
    let upscaler = Upscaler(try Self.network())
    let image = Pictures.noise(width: 900, height: 700, layout: .gray, seed: 4)
    // Cancelled by its own progress: the work has begun, and must not come to its end.
    let task = Mutex<Task<Image, any Error>?>(nil)
    let running = Task {
      try await upscaler.upscaled(
        image, to: Size(width: 3600, height: 2800),
        options: RunOptions(threads: 1, progress: { _ in task.withLock { $0?.cancel() } }))
    }
    task.withLock { $0 = running }
    await #expect(throws: CancellationError.self) { try await running.value }
    let before = Task { () throws -> Image in
      withUnsafeCurrentTask { $0?.cancel() }
      return try await upscaler.upscaled(image, to: Size(width: 3600, height: 2800))
    }
    await #expect(throws: CancellationError.self) { try await before.value }
    // The caller's own question is asked too.
    let told = RunOptions(isCancelled: { true })
    let plane = Pictures.noise(width: 33, height: 21, seed: 3)
    await #expect(throws: CancellationError.self) {
      try await upscaler.upscaled(image, to: Size(width: 3600, height: 2800), options: told)
    }
    await #expect(throws: CancellationError.self) { try await upscaler.model.enhanced(plane, options: told) }
  }
}
