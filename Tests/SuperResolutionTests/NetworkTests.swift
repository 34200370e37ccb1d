import Foundation
import Pixels
import Synchronization
import TestSupport
import Testing

@testable import Convolution
@testable import SuperResolution

@Suite("Networks") struct NetworkTests {
  /// Six layers, with channel counts that need padding and some that the fast kernels take.
  static func model(_ residual: Model.Residual = .add) throws -> Model {
    try Model(layers: randomLayers([1, 16, 5, 32, 32, 16, 1], seed: 7), residual: residual)
  }

  /// The definition: layer by layer over the whole picture, in Double.
  static func reference(_ model: Model, _ plane: Plane) -> [Double] {
    let input = plane.pixels.map(Double.init)
    var values = input
    for layer in model.layers {
      values = ReferenceConvolution.forward(
        values, width: plane.width, height: plane.height, weights: layer.weights.map(Double.init),
        bias: layer.bias?.map(Double.init), relu: layer.relu, inputChannels: layer.inputChannels,
        outputChannels: layer.outputChannels)
    }
    switch model.residual {
    case .add: return zip(input, values).map { $0 + $1 }
    case .subtract: return zip(input, values).map { $0 - $1 }
    case .none: return values
    }
  }

  static let sizes = [(1, 1), (1, 9), (70, 1), (7, 5), (13, 40), (31, 23), (130, 50), (97, 110), (90, 84)]

  @Test("The definition, for every residual, algorithm and instruction set", arguments: sizes)
  func definition(_ size: (width: Int, height: Int)) throws {
    for residual in Model.Residual.allCases {
      let model = try Self.model(residual)
      let plane = Pictures.noise(width: size.width, height: size.height, seed: 3)
      let expected = Self.reference(model, plane)
      for set in InstructionSet.supported {
        for algorithm in Network.Algorithm.allCases {
          let network = try Network(model, instructionSet: set, algorithm: algorithm)
          let result = try network.enhance(plane, options: RunOptions(threads: 2))
          // Values near 1; 6 layers of at most 288 terms whose rounding errors add up like a random walk, about
          // 6 * sqrt(288) * 2^-24 = 6e-6; Winograd's transforms multiply that by up to ten.
          #expect(
            result.isWithin(algorithm == .direct ? 6e-6 : 6e-5, of: expected),
            "\(residual) \(set) \(algorithm)")
        }
      }
    }
  }

  @Test("Twenty layers over several bands and chunks")
  func deepNetwork() throws {
    let model = try Model(layers: randomLayers([1] + [Int](repeating: 3, count: 19) + [1], seed: 9))
    let plane = Pictures.noise(width: 150, height: 130, seed: 10)
    let expected = Self.reference(model, plane)
    for threads in [1, 2] {
      let result = try Network(model).enhance(plane, options: RunOptions(threads: threads))
      // 20 layers of 27 terms of magnitude 1: at most 20 * 27 * 2^-24 = 3.2e-5.
      #expect(result.isWithin(3.2e-5, of: expected))
    }
  }

  @Test("The same bytes for every tile, thread count and memory", arguments: Network.Algorithm.allCases)
  func sameBytes(_ algorithm: Network.Algorithm) throws {
    let network = try Network(try Self.model(), algorithm: algorithm)
    for (width, height) in [(100, 310), (61, 150), (250, 30), (90, 84), (420, 140)] {
      let plane = Pictures.noise(width: width, height: height, seed: 4)
      let whole = try network.enhance(plane, options: RunOptions(threads: 1))
      for tile in [5, 12, 24, 47, 60, 99, 1_000] {
        #expect(
          try network.enhance(plane, options: RunOptions(threads: 1, tile: tile)) == whole, "tile \(tile)")
      }
      for threads in [2, 3, 4, 8, 33] {
        #expect(try network.enhance(plane, options: RunOptions(threads: threads)) == whole)
      }
      #expect(try network.enhance(plane, options: RunOptions(threads: 2, maxMemory: 1)) == whole)
    }
  }

  @Test("What earlier work has left in the memory leaves no trace", arguments: Network.Algorithm.allCases)
  func leftovers(_ algorithm: Network.Algorithm) throws {
    let network = try Network(try Self.model(), algorithm: algorithm)
    for (width, height) in [(40, 30), (200, 120)] {
      let plane = Pictures.noise(width: width, height: height, seed: 12)
      let expected = try network.enhance(plane, options: RunOptions(threads: 2))
      // The same tasks all over again, in memory full of what is no number.
      let nothing = Plane(width: width, height: height, pixels: plane.pixels.map { _ in .nan })
      #expect(throws: ModelError.self) { try network.enhance(nothing, options: RunOptions(threads: 2)) }
      #expect(try network.enhance(plane, options: RunOptions(threads: 2)) == expected)
    }
  }

  @Test("A halo one column short changes the result")
  func shortHalo() throws {
    let network = try Network(try Self.model(), algorithm: .direct)
    let plane = Pictures.noise(width: 60, height: 40, seed: 5)
    func result(shortfall: Int) throws -> [Float] {
      let result = Mutex([Float](repeating: 0, count: plane.pixels.count))
      try network.enhance(
        size: Size(width: plane.width, height: plane.height), options: RunOptions(tile: 20),
        haloShortfall: shortfall,
        source: { rect, target, stride in
          for y in 0..<rect.height {
            for x in 0..<rect.width { target[y * stride + x] = plane[rect.x + x, rect.y + y] }
          }
        },
        sink: { rect, values, stride in
          let rows = (0..<rect.height).map { y in (0..<rect.width).map { values[y * stride + $0] } }
          result.withLock { pixels in
            for (y, row) in rows.enumerated() {
              for (x, value) in row.enumerated() { pixels[(rect.y + y) * plane.width + rect.x + x] = value }
            }
          }
        })
      return result.withLock { $0 }
    }
    let whole = try network.enhance(plane).pixels
    #expect(try result(shortfall: 0) == whole)
    #expect(try result(shortfall: 1) != whole)
  }

  @Test("Every pixel is delivered once")
  func everyPixelOnce() throws {
    let network = try Network(try Self.model())
    let size = Size(width: 83, height: 41)
    let counts = Mutex([Int](repeating: 0, count: size.width * size.height))
    try network.enhance(
      size: size, options: RunOptions(threads: 3, tile: 30),
      source: { rect, target, stride in
        for y in 0..<rect.height { (target + y * stride).update(repeating: 0.5, count: rect.width) }
      },
      sink: { rect, _, _ in
        counts.withLock { counts in
          for y in rect.y..<rect.y + rect.height {
            for x in rect.x..<rect.x + rect.width { counts[y * size.width + x] += 1 }
          }
        }
      })
    #expect(counts.withLock { $0.allSatisfy { $0 == 1 } })
  }

  @Test("No more threads are at work than are asked for", arguments: [1, 2, 3])
  func threadsAtWork(_ threads: Int) throws {
    let network = try Network(try Self.model())
    let seen = Mutex(Set<String>())
    // In one tile: for each, the system may lend other threads.
    try network.enhance(
      size: Size(width: 200, height: 300), options: RunOptions(threads: threads),
      source: { rect, target, stride in
        seen.withLock { _ = $0.insert("\(pthread_self())") }
        // Long enough for others to come too.
        usleep(1000)
        for y in 0..<rect.height { (target + y * stride).update(repeating: 0.5, count: rect.width) }
      },
      sink: { _, _, _ in seen.withLock { _ = $0.insert("\(pthread_self())") } })
    #expect((1...threads).contains(seen.withLock { $0.count }))
  }

  @Test("Progress grows to 1, and cancelling ends the work")
  func progressAndCancelling() throws {
    let network = try Network(try Self.model())
    let plane = Pictures.noise(width: 200, height: 100, seed: 6)
    for tile in [nil, 60] {
      let reports = Mutex([Double]())
      _ = try network.enhance(
        plane,
        options: RunOptions(
          threads: 2, tile: tile, progress: { share in reports.withLock { $0.append(share) } }))
      let told = reports.withLock { $0 }
      #expect(told.last == 1 && told == told.sorted() && Set(told).count == told.count)
      #expect(told.allSatisfy { $0 > 0 && $0 <= 1 })
    }
    let polls = Atomic<Int>(0)
    #expect(throws: CancellationError.self) {
      try network.enhance(
        plane,
        options: RunOptions(
          threads: 2, isCancelled: { polls.wrappingAdd(1, ordering: .relaxed).newValue > 5 }))
    }
  }

  @Test("The end of the task that waits for a plane ends the work on it")
  func endsWithItsTask() async throws {
    let network = try Network(try Self.model())
    let plane = Pictures.noise(width: 200, height: 100, seed: 6)
    for model in [network, Bicubic()] as [any LumaModel] {
      let work = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try model.enhance(plane, options: RunOptions(threads: 2))
      }
      await #expect(throws: CancellationError.self) { try await work.value }
    }
  }

  @Test("Fewer threads or columns than one are taken for one", arguments: [250, 61])
  func lessThanOne(_ width: Int) throws {
    let network = try Network(try Self.model())
    let plane = Pictures.noise(width: width, height: 9, seed: 4)
    let whole = try network.enhance(plane, options: RunOptions(threads: 1))
    for options in [RunOptions(threads: 0), RunOptions(threads: -2), RunOptions(threads: 2, tile: 0)] {
      #expect(try network.enhance(plane, options: options) == whole)
    }
  }

  @Test(
    "A rectifier does not hide what is no number", arguments: InstructionSet.supported,
    Network.Algorithm.allCases)
  func notFiniteBeforeARectifier(_ instructionSet: InstructionSet, _ algorithm: Network.Algorithm) throws {
    let channels = 16
    // The centre of each kernel alone: the input times 2^100 twice, their difference, and that again.
    func layer(_ inputs: Int, _ outputs: Int, relu: Bool, _ centres: [(Int, Int, Float)]) -> Model.Layer {
      var weights = [Float](repeating: 0, count: outputs * inputs * 9)
      for (output, input, value) in centres { weights[(output * inputs + input) * 9 + 4] = value }
      return Model.Layer(inputChannels: inputs, outputChannels: outputs, weights: weights, relu: relu)
    }
    let model = try Model(
      name: "huge",
      layers: [
        layer(1, channels, relu: true, [(0, 0, 0x1p100), (1, 0, 0x1p100)]),
        layer(channels, channels, relu: true, [(0, 0, 1), (0, 1, -1)]),
        layer(channels, 1, relu: false, [(0, 0, 1)]),
      ], residual: .none)
    let network = try Network(model, instructionSet: instructionSet, algorithm: algorithm)
    var plane = Pictures.noise(width: 67, height: 35, seed: 7)
    #expect(try network.enhance(plane).pixels.allSatisfy(\.isFinite))
    plane[33, 17] = 0x1p28
    #expect(throws: ModelError(file: "huge", cause: .outputNotFinite)) { try network.enhance(plane) }
  }

  @Test(
    "What is no number is an error, wherever in the picture it comes up", arguments: InstructionSet.supported)
  func notFinite(_ instructionSet: InstructionSet) throws {
    // The identity times 2^100, so that a value of 2^28 is too large and smaller ones are not.
    var weights = [Float](repeating: 0, count: 9)
    weights[4] = 0x1p100
    let layer = Model.Layer(inputChannels: 1, outputChannels: 1, weights: weights, relu: false)
    let model = try Model(name: "huge", layers: [layer], residual: .none)
    let network = try Network(model, instructionSet: instructionSet)
    let error = ModelError(file: "huge", cause: .outputNotFinite)
    let plain = Pictures.noise(width: 67, height: 35, seed: 7)
    #expect(try network.enhance(plain).pixels.allSatisfy(\.isFinite))
    for (x, y) in [(0, 0), (66, 34), (33, 17), (64, 0), (0, 34)] {
      for value in [0x1p28, -0x1p28, .nan, .infinity] as [Float] {
        var plane = plain
        plane[x, y] = value
        for options in [RunOptions(threads: 1), RunOptions(threads: 2, tile: 20)] {
          #expect(throws: error, "\(value) at \(x), \(y)") { try network.enhance(plane, options: options) }
        }
      }
    }
  }

  @Test("A network that is still being packed plans at once, and gives the same result")
  func packedBeside() throws {
    let model = try Self.model()
    let plane = Pictures.noise(width: 60, height: 40, seed: 5)
    let size = Size(width: plane.width, height: plane.height)
    let packed = try Network(model)
    for _ in 0..<10 {
      let early = try Network(model, packsBeside: true)
      #expect(early.workingMemory(for: size) == packed.workingMemory(for: size))
      #expect(try early.enhance(plane) == packed.enhance(plane))
    }
  }

  @Test(
    "The official weights give ONNX Runtime's result to 1e-6 on a picture",
    .enabled(
      if: SharedData.exists("reference_io/vdsr-official_butterfly_x3.safetensors")
        && SharedData.exists("weights/vdsr-official.safetensors"), "needs the reference weights"))
  func referenceResult() throws {
    let weights = try #require(SharedData.path("weights/vdsr-official.safetensors"))
    let file = try #require(SharedData.path("reference_io/vdsr-official_butterfly_x3.safetensors"))
    let tensors = try Safetensors(contentsOf: file).tensors
    let (input, output) = (try #require(tensors["input"]), try #require(tensors["output"]))
    // The file holds its input with rows and columns exchanged.
    let (width, height) = (output.shape[1], output.shape[0])
    let pixels = (0..<width * height).map { Float(input.values[$0 % width * height + $0 / width]) }
    let plane = Plane(width: width, height: height, pixels: pixels)
    for set in InstructionSet.supported {
      let network = try Network(Model(contentsOf: weights), instructionSet: set, algorithm: .direct)
      let result = try network.enhance(plane)
      #expect(result.isWithin(3e-6, of: output.values), "\(set)")
    }
  }
}

extension Plane {
  /// Whether it has as many pixels as `values`, and each of them, none of which may be no number, is so near.
  func isWithin(_ bound: Double, of values: [Double]) -> Bool {
    pixels.count == values.count && zip(pixels, values).allSatisfy { abs(Double($0) - $1) <= bound }
  }
}
