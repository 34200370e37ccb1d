import Acuity
import ArgumentParser
import Training

struct BenchTraining: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training",
    abstract: "A training step: forward, backward and the optimizer's.",
    discussion: """
      The patches are seeded noise and the steps those of the default recipe. The gradient is checked in the same run: how \
      the loss changes along it, by differences.

      Examples:
        acuity bench training
        acuity bench training --depth 8 --width 32 --patch 48 --batch 8 --json
      """)

  @Option(help: "Layers of the network, 2 to 100.")
  var depth = 20

  @Option(help: "Channels between the layers, 1 to 256.")
  var width = 64

  @Option(help: "Side of the patches in pixels, 8 to 512.")
  var patch = 48

  @Option(help: "Patches in a batch, 1 to 1024.")
  var batch = 8

  @OptionGroup var compute: ComputeOptions

  @OptionGroup var bench: BenchOptions
  @OptionGroup var output: OutputOptions

  struct Measurement: Encodable {
    let bench = "training"
    let isa: String
    let threads: Int
    let depth: Int
    let width: Int
    let patch: Int
    let batch: Int
    let time: Timing
    let patchesPerSecond: Double
    let gflops: Double
    let peakGflops: Double
    let shareOfPeak: Double
    /// Of one thread's FMA peak, while it computes this.
    let directions: Directions
    let peakMemory: Int
    /// Of the loss's change along the gradient, the part that the gradient's norm does not explain.
    let largestError: JSON.Finite
    let correct: Bool
    let command: String
  }

  struct Directions: Encodable {
    let forward: Double
    let dataGradient: Double
    let weightGradient: Double

    /// `operations` of one direction in all steps, `peak` of one thread.
    init(_ times: PassTimes, operations: Double, peak: Double) {
      func share(_ time: Duration) -> Double { operations / (time / .seconds(1)) / peak }
      forward = share(times.forward)
      dataGradient = share(times.dataGradient)
      weightGradient = share(times.weightGradient)
    }

    var text: String {
      [("forward", forward), ("data gradient", dataGradient), ("weight gradient", weightGradient)]
        .map { "\($0) \(Text.fixed($1 * 100, 1)) %" }.joined(separator: ", ")
    }
  }

  func validate() throws {
    let limits = [
      ("--depth", depth, 2...100), ("--width", width, 1...256), ("--patch", patch, 8...512),
      ("--batch", batch, 1...1024),
    ]
    for (name, value, range) in limits where !range.contains(value) {
      throw ValidationError("\(name) is \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
  }

  func run() throws {
    let set = try InstructionSet.resolve(compute.isa)
    let threads = compute.threadCount
    let kernels = Kernels(for: set)
    try Machine.expectMemory(
      TrainingCase.memory(
        depth: depth, width: width, side: patch, batch: batch, threads: threads, instructionSet: set),
      remedy: "choose a smaller --patch, --batch, --width or --depth, or fewer --threads")
    var work = TrainingCase(
      shape: NetworkShape(depth: depth, width: width), side: patch, batch: batch, threads: threads,
      instructionSet: set)
    let error = work.gradientError()
    let before = Machine.peak(kernels, threads: threads)
    let earlier = work.times
    var steps = 0
    let time = Timing.measure(repeats: bench.repeats) {
      work.step()
      steps += 1
    }
    let peak = max(before, Machine.peak(kernels, threads: threads))

    // Forward, and backward to the activations and to the weights, cost a convolution each.
    let operations = 2 * Double(work.shape.multiplyAddsPerPixel * patch * patch * batch)
    let speed = 3 * operations / time.median
    let passes = error <= TrainingCase.bound
    let measurement = Measurement(
      isa: set.rawValue, threads: threads, depth: depth, width: width, patch: patch, batch: batch, time: time,
      patchesPerSecond: Double(batch) / time.median, gflops: speed / 1e9, peakGflops: peak / 1e9,
      shareOfPeak: speed / peak,
      directions: Directions(
        work.times - earlier, operations: operations * Double(steps), peak: peak / Double(threads)),
      peakMemory: Machine.peakMemory, largestError: JSON.Finite(error),
      correct: passes,
      command: "acuity bench training --depth \(depth) --width \(width) --patch \(patch) --batch \(batch) "
        + "--isa \(set.rawValue) --threads \(threads)" + bench.arguments)
    try Console.print(bench.json ? JSON.text(measurement) : text(measurement))
    if !passes {
      throw CommandFailure(.someInputsFailed, "the loss changes by \(error) otherwise than the gradient says")
    }
  }

  private func text(_ measurement: Measurement) -> String {
    "\(depth) layers of \(width) channels, \(batch) patches of \(patch)x\(patch), \(measurement.isa), "
      + "\(Text.threads(measurement.threads))\n"
      + Text.table([
        ("step", measurement.time.text),
        (
          "speed",
          "\(Text.fixed(measurement.patchesPerSecond, 2)) patches/s, \(Text.fixed(measurement.gflops, 1)) GFLOP/s, "
            + "\(Text.fixed(measurement.shareOfPeak * 100, 1)) % of the FMA peak, "
            + "\(Text.fixed(measurement.peakGflops, 1)) GFLOP/s in this run"
        ),
        ("of these", "\(measurement.directions.text) of the peak"),
        ("memory", "\(ByteCount(measurement.peakMemory)) at most"),
        (
          "check",
          (measurement.correct ? "right" : "WRONG")
            + ": the loss follows the gradient within \(Text.scientific(measurement.largestError.value))"
        ),
        ("again", measurement.command),
      ])
  }
}
