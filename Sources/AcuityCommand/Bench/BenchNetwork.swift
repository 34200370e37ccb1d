import Acuity
import ArgumentParser
import Dispatch
import Synchronization

struct BenchNetwork: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network",
    abstract: "A whole network on a luma plane.",
    discussion: """
      Without --weights the network has VDSR's shape and seeded weights; without --input the plane is seeded noise. The \
      result is checked at points against sums in Double. With --json, "seconds" are those of the timed runs alone: \
      neither loading nor the first, untimed run counts.

      Examples:
        acuity bench network --size 512x512 --threads 2
        acuity bench network --weights w.safetensors --input x.npy --output y.npy \\
          --threads 2 --repeats 5 --json
      """)

  @Option(
    name: [.customLong("weights"), .customLong("model")],
    help: "The network: a safetensors file or a model's name.")
  var weights: Path?

  @Option(help: "The plane: a NumPy file of float32 [height, width] or [1, 1, height, width].")
  var input: Path?

  @Option(help: "Where to write the result, as a NumPy file of the input's shape.")
  var output: Path?

  @Option(help: "The plane's width and height, 1 to 32768 each, where there is no --input.")
  var size = SizeArgument(width: 512, height: 512)

  @OptionGroup var compute: ComputeOptions

  @Option(help: "How the layers are computed.")
  var algorithm = Network.Algorithm.auto

  @OptionGroup var memory: MemoryOptions
  @OptionGroup var bench: BenchOptions
  @OptionGroup var messages: OutputOptions

  struct Measurement: Encodable {
    let bench = "network"
    let algorithm: String
    let isa: String
    let threads: Int
    let width: Int
    let height: Int
    let layers: Int
    let multiplyAddsPerPixel: Int
    /// Of the timed runs, in their order.
    let seconds: [Double]
    let min: Double
    let median: Double
    let p95: Double
    let gflops: Double
    let peakGflops: Double
    let shareOfPeak: Double
    let workingMemory: Int
    let peakMemory: Int
    let largestError: JSON.Finite
    let correct: Bool
    let command: String
  }

  func run() throws {
    let model = try weights.map { try ModelRegistry.builtIn.weights($0.bytes) } ?? SeededModel.vdsr()
    let network = try Network(model, instructionSet: compute.isa, algorithm: algorithm)
    let threads = compute.threadCount
    var options = RunOptions()
    options.threads = threads
    options.maxMemory = memory.maxMemory?.bytes
    options.tile = memory.tile
    if input == nil {
      let plane = Size(width: size.width, height: size.height)
      // The plane, its result, and the result of the run before.
      try Machine.expectMemory(
        3 * 4 * plane.width * plane.height + network.workingMemory(for: plane, options: options),
        remedy: "choose a smaller --size")
    }
    let (plane, shape) =
      try input.map(NumpyFile.read) ?? (SeededModel.plane(size), [size.height, size.width])

    if let output {
      try checkEnding(of: output, option: "--output", right: ".npy")
      try checkPlace(of: output)
    }

    let kernels = Kernels(for: network.instructionSet)
    let before = Machine.peak(kernels, threads: threads)
    var result = plane
    let time = try Timing.measure(repeats: bench.repeats) {
      result = try network.enhance(plane, options: options)
    }
    let peak = max(before, Machine.peak(kernels, threads: threads))
    let memory = Machine.peakMemory
    if let output { try writeFile(NumpyFile.bytes(of: result, shape: shape), to: output) }
    let check = PointCheck(of: result, by: ReferenceNetwork(model), on: plane)

    let operations = 2 * Double(network.multiplyAddsPerPixel) * Double(plane.width * plane.height)
    let speed = operations / time.median
    let measurement = Measurement(
      algorithm: network.algorithm.rawValue, isa: network.instructionSet.rawValue, threads: threads,
      width: plane.width, height: plane.height, layers: model.layers.count,
      multiplyAddsPerPixel: network.multiplyAddsPerPixel, seconds: time.seconds, min: time.min,
      median: time.median, p95: time.p95, gflops: speed / 1e9, peakGflops: peak / 1e9,
      shareOfPeak: speed / peak,
      workingMemory: network.workingMemory(
        for: Size(width: plane.width, height: plane.height), options: options),
      peakMemory: memory, largestError: JSON.Finite(check.largestError), correct: check.passes,
      command: command(network, threads: threads))
    try Console.print(bench.json ? JSON.text(measurement) : text(measurement, time))
    if !check.passes {
      throw CommandFailure(
        .someInputsFailed, "the result differs from sums in Double by \(check.largestError)")
    }
  }

  /// A command that measures the same again.
  private func command(_ network: Network, threads: Int) -> String {
    "acuity bench network" + (weights.map { " --weights \(Text.shell($0))" } ?? "")
      + (input.map { " --input \(Text.shell($0))" } ?? " --size \(size)")
      + " --algorithm \(network.algorithm.rawValue) --isa \(network.instructionSet.rawValue) --threads \(threads)"
      + memory.arguments + bench.arguments
  }

  private func text(_ measurement: Measurement, _ time: Timing) -> String {
    let megapixels = Double(measurement.width * measurement.height) / 1e6
    return
      "\(measurement.layers) layers, \(measurement.width)x\(measurement.height) pixels, \(measurement.algorithm), "
      + "\(measurement.isa), \(Text.threads(measurement.threads))\n"
      + Text.table([
        ("time", time.text),
        (
          "speed",
          "\(Text.fixed(measurement.gflops, 1)) GFLOP/s, \(Text.fixed(measurement.shareOfPeak * 100, 1)) % of the "
            + "FMA peak, \(Text.fixed(measurement.peakGflops, 1)) GFLOP/s in this run; "
            + "\(Text.fixed(megapixels / time.median, 3)) MP/s"
        ),
        (
          "memory",
          "\(ByteCount(measurement.workingMemory)) for the network, \(ByteCount(measurement.peakMemory)) at most in all"
        ),
        (
          "check",
          (measurement.correct ? "right" : "WRONG")
            + ": largest error \(Text.scientific(measurement.largestError.value)) against sums in Double"
        ),
        ("again", measurement.command),
      ])
  }
}

/// A result held against the definition at the corners, in the middle and at the lower edge.
struct PointCheck {
  /// Infinite if a value is no number.
  let largestError: Double
  /// The largest of the exact values.
  let magnitude: Double

  /// Twenty layers' roundings stay below this part of the largest value, for Winograd's algorithm too.
  static let bound = 2e-5

  var passes: Bool { largestError <= Self.bound * max(1, magnitude) }

  init(of result: Plane, by reference: ReferenceNetwork, on plane: Plane) {
    let (right, bottom) = (plane.width - 1, plane.height - 1)
    let points = [
      (0, 0), (right, 0), (0, bottom), (right, bottom), (right / 2, bottom / 2), (right / 3, bottom),
    ]
    let worst = Mutex((error: 0.0, magnitude: 0.0))
    DispatchQueue.concurrentPerform(iterations: points.count) { index in
      let (x, y) = points[index]
      let exact = reference.value(plane, x: x, y: y)
      let error = abs(Double(result[x, y]) - exact)
      worst.withLock {
        $0 = (max($0.error, error.isNaN ? .infinity : error), max($0.magnitude, abs(exact)))
      }
    }
    (largestError, magnitude) = worst.withLock { $0 }
  }
}
