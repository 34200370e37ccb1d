import Acuity
import ArgumentParser
import Microkernel

struct BenchConvolution: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conv",
    abstract: "One 3x3 convolution: how near the kernels are to the machine's peak.",
    discussion: """
      The peak is what fused multiply-adds in registers reach, measured in the same run. Operations are those of the \
      definition, so that Winograd's algorithm may exceed it. A plane beyond the caches measures the memory too.

      Examples:
        acuity bench conv
        acuity bench conv --channels 1x64 --size 512x512 --isa avx2 --json
        acuity bench conv --algorithm winograd4 --threads 1
      """)

  @Option(help: ArgumentHelp("Input and output channels, 1 to 1024 each.", valueName: "IxO"))
  var channels = Channels(input: 64, output: 64)

  @Option(
    help:
      "The plane's width and height, 1 to 32768 each; by default it stays in the caches, as a network's strips do."
  )
  var size = SizeArgument(width: 48, height: 24)

  @Option(help: "Threads; by default one.")
  var threads = 1

  @Option(help: "The instruction set; by default the best that the machine has.")
  var isa: InstructionSet?

  @Option(help: "The algorithm; auto is direct here.")
  var algorithm = Network.Algorithm.direct

  @OptionGroup var bench: BenchOptions
  @OptionGroup var output: OutputOptions

  struct Channels: ExpressibleByArgument, CustomStringConvertible {
    let input: Int
    let output: Int

    init(input: Int, output: Int) {
      (self.input, self.output) = (input, output)
    }

    init?(argument: String) {
      let parts = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard parts.count == 2, parts.allSatisfy({ (1...1024).contains($0) }) else { return nil }
      self.init(input: parts[0], output: parts[1])
    }

    var description: String { "\(input)x\(output)" }
    var defaultValueDescription: String { description }
  }

  struct Measurement: Encodable {
    let bench = "conv"
    let kernel: String
    let isa: String
    let threads: Int
    let width: Int
    let height: Int
    let inputChannels: Int
    let outputChannels: Int
    /// How often each timed run computes the plane.
    let passes: Int
    let time: Timing
    let gflops: Double
    let peakGflops: Double
    let shareOfPeak: Double
    /// Of Winograd's algorithm only.
    let phases: Phases?
    let largestError: JSON.Finite
    let correct: Bool
    let command: String
  }

  /// What each phase of Winograd's algorithm takes, as a share of the three together.
  struct Phases: Encodable {
    let inputTransform: Double
    let products: Double
    let outputTransform: Double

    init?(_ convolution: ConvolutionCase, threads: Int, repeats: Int?) {
      guard convolution.kernel != "direct" else { return nil }
      let times = [WinogradPhases.inputs, .products, .outputs].map { phase in
        Timing.measure(repeats: repeats) { convolution.run(threads: threads, phases: phase) }.median
      }
      let total = times.reduce(0, +)
      (inputTransform, products, outputTransform) = (times[0] / total, times[1] / total, times[2] / total)
    }

    var text: String {
      [("input transform", inputTransform), ("products", products), ("output transform", outputTransform)]
        .map { "\($0) \(Text.fixed($1 * 100, 0)) %" }.joined(separator: ", ")
    }
  }

  func validate() throws { try ComputeOptions.check(threads: threads, isa: isa) }

  func run() throws {
    let kernels = Kernels(for: try InstructionSet.resolve(isa))
    let plane = Size(width: size.width, height: size.height)
    try Machine.expectMemory(
      ConvolutionCase.memory(
        inputChannels: channels.input, outputChannels: channels.output, size: plane),
      remedy: "choose a smaller --size or fewer --channels")
    let convolution = ConvolutionCase(
      inputChannels: channels.input, outputChannels: channels.output, size: plane, algorithm: algorithm,
      kernels: kernels)
    if algorithm != .auto, algorithm.rawValue != convolution.kernel {
      Console.report(
        .warning,
        "a layer of \(channels) channels is not for \(algorithm.rawValue), nor in a network: measuring \(convolution.kernel)"
      )
    }
    // The peak before and after: the machine may have become faster or slower meanwhile.
    let before = Machine.peak(kernels, threads: threads)
    let time = Timing.measure(repeats: bench.repeats) { convolution.run(threads: threads) }
    let peak = max(before, Machine.peak(kernels, threads: threads))
    let phases = Phases(convolution, threads: threads, repeats: bench.repeats)
    // The phases alone leave worthless outputs.
    convolution.run(threads: threads)
    let check = convolution.check()

    let speed = convolution.operations * Double(convolution.passes) / time.median
    let measurement = Measurement(
      kernel: convolution.kernel, isa: kernels.instructionSet.rawValue, threads: threads, width: size.width,
      height: size.height, inputChannels: channels.input, outputChannels: channels.output,
      passes: convolution.passes,
      time: time,
      gflops: speed / 1e9, peakGflops: peak / 1e9, shareOfPeak: speed / peak, phases: phases,
      largestError: JSON.Finite(check.error), correct: check.passes,
      command: "acuity bench conv --channels \(channels) --size \(size) --algorithm \(convolution.kernel) "
        + "--isa \(kernels.instructionSet.rawValue) --threads \(threads)" + bench.arguments)
    try Console.print(bench.json ? JSON.text(measurement) : text(measurement, check))
    if !check.passes {
      throw CommandFailure(.someInputsFailed, "the result differs from the definition by \(check.error)")
    }
  }

  private func text(_ measurement: Measurement, _ check: ConvolutionCase.Check) -> String {
    let relative = check.error / check.magnitude
    return
      "\(channels) channels, \(size) pixels, \(measurement.kernel), \(measurement.isa), \(Text.threads(threads))\n"
      + Text.table(
        [
          (
            "time", measurement.time.text + (measurement.passes > 1 ? " of \(measurement.passes) passes" : "")
          ),
          (
            "speed",
            "\(Text.fixed(measurement.gflops, 1)) GFLOP/s, \(Text.fixed(measurement.shareOfPeak * 100, 1)) % of the "
              + "FMA peak, \(Text.fixed(measurement.peakGflops, 1)) GFLOP/s in this run"
          ),
        ]
          + (measurement.phases.map { [("phases", $0.text)] } ?? []) + [
            (
              "check",
              (check.passes ? "right" : "WRONG")
                + ": largest error \(Text.scientific(relative)) of the outputs' root mean "
                + "square, \(Text.scientific(check.partOfBound)) of the bound"
            ),
            ("again", measurement.command),
          ])
  }
}
