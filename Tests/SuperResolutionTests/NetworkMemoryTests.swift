import Pixels
import TestSupport
import Testing

@testable import Convolution
@testable import SuperResolution

@Suite("What a network's work takes of the memory") struct NetworkMemoryTests {
  @Test("A tile does not widen the memory that is allowed, and threads beyond the cores take none")
  func tileWithinMemory() throws {
    let network = try Network(try NetworkTests.model())
    let size = Size(width: 5_000, height: 50)
    let least = network.minimumMemory(for: size, options: RunOptions(threads: 1))
    for tile in [1, 300, 5_000, 1_000_000] {
      let options = RunOptions(threads: 1, maxMemory: 2 * least, tile: tile)
      #expect(network.workingMemory(for: size, options: options) <= 2 * least, "\(tile)")
    }
    let wide = RunOptions(threads: 1, tile: 1_000_000)
    #expect(network.workingMemory(for: size, options: wide) > 2 * least)
    #expect(
      network.minimumMemory(for: size, options: RunOptions(threads: 1_000))
        == network.minimumMemory(for: size, options: RunOptions(threads: 2_000)))
  }

  @Test("Memory grows with the width, is kept, and stays under 80 MB and 8 MB a thread for 100 megapixels")
  func memory() throws {
    let vdsr = try Model(layers: randomLayers([1] + [Int](repeating: 64, count: 19) + [1], seed: 8))
    let network = try Network(vdsr)
    let large = Size(width: 10_000, height: 10_000)
    #expect(network.workingMemory(for: large, options: RunOptions(threads: 2)) <= 96 << 20)
    #expect(
      network.workingMemory(for: large, options: RunOptions(threads: 2, maxMemory: 1 << 30)) <= 96 << 20)
    #expect(network.workingMemory(for: large, options: RunOptions(threads: 2, tile: 10_000)) > 96 << 20)
    // Narrower pictures are not cut for it, whatever the threads.
    for threads in [1, 2, 16] {
      let (whole, chosen) = (RunOptions(threads: threads, tile: 8_192), RunOptions(threads: threads))
      let size = Size(width: 8_192, height: 8_192)
      #expect(
        network.workingMemory(for: size, options: chosen) == network.workingMemory(for: size, options: whole))
    }
    let wide = Size(width: 100_000, height: 1_000)
    for threads in [1, 2, 6, 16] {
      let taken = network.workingMemory(for: wide, options: RunOptions(threads: threads))
      #expect(taken <= (80 + 8 * threads) << 20, "\(threads)")
    }
    #expect(network.workingMemory(for: large, options: RunOptions(maxMemory: 40 << 20)) <= 40 << 20)
    // Also where all threads would work on one task together, which takes more if they are more than the cores.
    let many = 4 * coreCount()
    for (size, threads) in [
      (large, 2), (Size(width: 64, height: 64), 2), (Size(width: 170, height: 2_000), 2),
      (Size(width: 80 * many, height: 500), many),
    ] {
      let least = network.minimumMemory(for: size, options: RunOptions(threads: threads))
      let options = RunOptions(threads: threads, maxMemory: least)
      #expect(network.workingMemory(for: size, options: options) <= least, "\(size)")
    }
  }

  @Test("A picture takes no less memory than the least, and no more than what is allowed or the least")
  func leastMemory() throws {
    let network = try Network(try NetworkTests.model())
    for (width, height) in [(1, 1), (64, 64), (97, 30), (150, 300), (400, 1_000), (100, 200_000)] {
      let size = Size(width: width, height: height)
      for threads in [1, 2, 3, 8] {
        for tile in [nil, 1, 40, 200] {
          let least = network.minimumMemory(for: size, options: RunOptions(threads: threads, tile: tile))
          for allowed in [nil, 0, least - 1, least, least + 1, 2 * least] {
            let taken = network.workingMemory(
              for: size, options: RunOptions(threads: threads, maxMemory: allowed, tile: tile))
            #expect(taken >= least, "\(size), \(threads), \(tile ?? 0)")
            #expect(taken <= max(allowed ?? taken, least), "\(size), \(threads), \(tile ?? 0)")
          }
        }
      }
    }
  }

  /// What the tasks of a tile allocate, against what is foretold of them.
  @Test("The memory is enough for every tile", arguments: Network.Algorithm.allCases, [1, 2])
  func memoryIsEnough(_ algorithm: Network.Algorithm, threads: Int) throws {
    let layers = randomLayers([1] + [Int](repeating: 16, count: 19) + [1], seed: 8).map {
      LayerShape($0, algorithm: algorithm, instructionSet: .baseline)
    }
    let blocks = [1] + layers.map(\.block)
    for width in [97, 200, 331, 1000] {
      let size = Size(width: width, height: 300)
      let step = TaskShape(for: size, blocks: blocks)
      for tile in [1, 5, 20, 90, 96, 97, 150, width] {
        let foretold = NetworkPlan.memory(columns: tile, layers: layers, step: step, threads: threads)
        for left in stride(from: 0, to: width, by: tile) {
          let plan = NetworkPlan(
            size: size, columns: left..<min(left + tile, width), blocks: blocks, step: step)
          let carried = plan.across.steps.count * CarriedRows.floats(layers: layers, step: step)
          let workers = min(threads, coreCount()) * TaskWorker.floats(layers: layers, step: step)
          #expect(4 * (carried + workers) <= foretold, "\(width) \(tile) \(left)")
        }
      }
    }
  }

  /// In a process of its own, where nobody else gives memory back.
  @Test("A picture takes the memory that is foretold")
  func memoryTaken() async {
    await #expect(processExitsWith: .success) {
      let network = try Network(try NetworkTests.model())
      let plane = Pictures.noise(width: 60, height: 300, seed: 4)
      let options = RunOptions(threads: 2)
      _ = try network.enhance(plane, options: options)
      // In a single chunk, of which nothing has to be guessed.
      let foretold = network.workingMemory(for: Size(width: 60, height: 300), options: options)
      precondition(KeptMemory.shared.byteCount == foretold)
    }
  }

  /// Beside the memory that it asks for there is other, which would bear what does not fit.
  @Test("A thread asks for two patches and for the input under the output")
  func memoryOfAThread() {
    let layers = randomLayers([1, 1], seed: 8).map {
      LayerShape($0, algorithm: .direct, instructionSet: .baseline)
    }
    let step = TaskShape(for: Size(width: 60, height: 300), blocks: [1, 1])
    let floats = 2 * step.patch.width * step.patch.height + step.width * step.height
    #expect((floats..<floats + 3 * 16).contains(TaskWorker.floats(layers: layers, step: step)))
  }

  @Test("What a tile's bands hand down begins where its memory does, wherever in the picture the tile is")
  func carriedRowsOfATile() {
    let layers = randomLayers([1, 16, 16, 1], seed: 8).map {
      LayerShape($0, algorithm: .direct, instructionSet: .baseline)
    }
    let size = Size(width: 1000, height: 300)
    let step = TaskShape(for: size, blocks: [1, 1, 1, 1])
    let plan = NetworkPlan(size: size, columns: 600..<900, blocks: [1, 1, 1, 1], step: step)
    #expect(plan.across.steps.lowerBound > 0)
    let carried = CarriedRows(plan: plan, layers: layers, step: step)
    let first = carried.rows(layer: 1, chunk: plan.across.steps.lowerBound).base
    // Memory of leftovers begins with a page of two megabytes.
    #expect(Int(bitPattern: first) % (2 << 20) == 0)
  }

  @Test("A model of so many channels that the machine has not the memory is refused before it takes any")
  func tooManyChannels() throws {
    func network(_ channels: Int) throws -> Network {
      let weights = [Float](repeating: 0, count: 9 * channels)
      return try Network(
        Model(
          name: "wide",
          layers: [
            Model.Layer(inputChannels: 1, outputChannels: channels, weights: weights, relu: true),
            Model.Layer(inputChannels: channels, outputChannels: 1, weights: weights, relu: false),
          ]))
    }
    let (size, some) = (Size(width: 400, height: 400), 4_096)
    let wide = try network((usableMemory() / (try network(some).minimumMemory(for: size) / some) + 1) * 2)
    let least = wide.minimumMemory(for: size)
    let error = ModelError(
      file: "wide", cause: .tooMuchMemory(bytes: least, available: usableMemory()))
    #expect(throws: error) { try wide.enhance(Plane(width: size.width, height: size.height)) }
    #expect("\(error)".contains("fewer channels"))
  }
}
