import Pixels
import SuperResolution
import Synchronization
import TestSupport
import Testing

/// The mean over a plane's eight orientations.
@Suite struct SelfEnsembleTests {
  /// A network that treats all directions differently.
  private static func network(_ algorithm: Network.Algorithm = .auto) throws -> Network {
    try Network(NetworkTests.model(), algorithm: algorithm)
  }

  private static func mirrored(_ plane: Plane) -> Plane {
    var result = Plane(width: plane.width, height: plane.height)
    for y in 0..<plane.height {
      for x in 0..<plane.width { result[x, y] = plane[plane.width - 1 - x, y] }
    }
    return result
  }

  private static func transposed(_ plane: Plane) -> Plane {
    var result = Plane(width: plane.height, height: plane.width)
    for y in 0..<plane.width {
      for x in 0..<plane.height { result[x, y] = plane[y, x] }
    }
    return result
  }

  /// Turned by a quarter, so that four of them are the plane itself.
  private static func turned(_ plane: Plane) -> Plane { mirrored(transposed(plane)) }

  @Test(arguments: [(1, 1), (37, 20), (20, 37), (130, 50)])
  func isTheMeanOfAllOrientations(width: Int, height: Int) throws {
    let plane = Pictures.noise(width: width, height: height, seed: 1)
    let network = try Self.network()
    var sum = [Double](repeating: 0, count: width * height)
    var laid = plane
    for turns in 0..<4 {
      for isMirrored in [false, true] {
        var result = try network.enhance(isMirrored ? Self.mirrored(laid) : laid)
        if isMirrored { result = Self.mirrored(result) }
        for _ in turns..<4 { result = Self.turned(result) }
        // After as many turns as make four, it lies as the plane does.
        for (index, value) in result.pixels.enumerated() { sum[index] += Double(value) / 8 }
      }
      laid = Self.turned(laid)
    }
    let result = try SelfEnsemble(network).enhance(plane)
    // Sums of eight values near 1 in single precision.
    #expect(result.isWithin(1e-6, of: sum))
    if width > 1 { #expect(try !network.enhance(plane).isWithin(1e-3, of: sum)) }
  }

  @Test func givesTheSameBytesForAllThreadsTilesAndMemory() throws {
    let plane = Pictures.noise(width: 131, height: 60, seed: 2)
    let ensemble = SelfEnsemble(try Self.network())
    let whole = try ensemble.enhance(plane, options: RunOptions(threads: 1))
    for options in [RunOptions(threads: 3), RunOptions(threads: 2, tile: 20), RunOptions(maxMemory: 1)] {
      #expect(try ensemble.enhance(plane, options: options) == whole)
    }
  }

  @Test func tellsItsWorkItsMemoryAndItsProgress() throws {
    let network = try Self.network()
    let ensemble = SelfEnsemble(network)
    let size = Size(width: 2_000, height: 300)
    let lying = Size(width: 300, height: 2_000)
    #expect(ensemble.multiplyAddsPerPixel == 8 * network.multiplyAddsPerPixel)
    #expect(ensemble.content != network.content)
    #expect(ensemble.fixedMemory(for: size) == 4 * 2_000 * 300)
    #expect(
      ensemble.workingMemory(for: size, options: RunOptions())
        == 4 * 2_000 * 300
        + max(network.workingMemory(for: size), network.workingMemory(for: lying)))
    let reports = Mutex([Double]())
    _ = try ensemble.enhance(
      Pictures.noise(width: 30, height: 40, seed: 3),
      options: RunOptions(progress: { share in reports.withLock { $0.append(share) } }))
    reports.withLock { reports in
      #expect(reports == reports.sorted() && reports.first ?? 1 <= 0.125 && reports.last == 1)
    }
  }

  @Test func stopsWhenToldTo() throws {
    let plane = Pictures.noise(width: 200, height: 100, seed: 4)
    let asked = Atomic(0)
    #expect(throws: CancellationError.self) {
      try SelfEnsemble(Self.network()).enhance(
        plane,
        options: RunOptions(isCancelled: {
          asked.wrappingAdd(1, ordering: .relaxed).newValue > 20
        }))
    }
  }
}
