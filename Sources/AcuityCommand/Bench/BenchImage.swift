import Acuity
import ArgumentParser
import DemoPictures
import Stages

struct BenchImage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image",
    abstract: "A picture's whole way: decoding, upscaling, encoding.",
    discussion: """
      Each phase is timed by itself, and so is the network alone on a plane of the result's size: what the upscaling takes \
      beyond that is interpolation and colour. Without a file the picture is the one that acuity demo renders.

      Examples:
        acuity bench image photo.jpg --scale 2 --model weights.safetensors
        acuity bench image --scale 3 --format webp --json
      """)

  @Argument(help: "The picture.")
  var file: Path?

  @Option(help: "The factor, 1 to 8.")
  var scale = 2.0

  @Option(help: "The format to encode as; by default that of the file.")
  var format: ImageFormat?

  @Option(
    help:
      "The network: a safetensors file or a model's name; by default seeded random weights of VDSR's size.")
  var model: Path?

  @OptionGroup var compute: ComputeOptions

  @Option(help: "How the layers are computed.")
  var algorithm = Network.Algorithm.auto

  @OptionGroup var memory: MemoryOptions
  @OptionGroup var bench: BenchOptions
  @OptionGroup var output: OutputOptions

  struct Measurement: Encodable {
    let bench = "image"
    let format: String
    let width: Int
    let height: Int
    let resultWidth: Int
    let resultHeight: Int
    let algorithm: String
    let isa: String
    let threads: Int
    let decode: Timing
    let upscale: Timing
    let network: Timing
    let encode: Timing
    /// Of the network alone.
    let gflops: Double
    let peakGflops: Double
    let shareOfPeak: Double
    /// The medians of all phases over that of the network.
    let totalOverNetwork: Double
    let peakMemory: Int
    let largestError: JSON.Finite
    let correct: Bool
    let command: String
  }

  func validate() throws {
    if !(1...8).contains(scale) { throw ValidationError("--scale is 1 to 8, not \(scale)") }
  }

  func run() throws {
    let network = try Network(
      model.map { try ModelRegistry.builtIn.weights($0.bytes) } ?? SeededModel.vdsr(),
      instructionSet: compute.isa, algorithm: algorithm)
    let bytes =
      try file.map { try readFile($0) }
      ?? ImageFile.encode(DemoPicture.render(Size(width: 256, height: 256)), as: .png)
    let name = file.map { "\($0)" } ?? "demo"
    let source = try ImageFile.header(bytes: bytes, name: name)
    let format = format ?? source.format.forWriting
    let size = try TargetSize.scale(scale).size(for: source.size)
    try format.check(size: size, layout: source.layout, metadata: source.metadata)
    var options = RunOptions(threads: compute.threadCount)
    options.maxMemory = memory.maxMemory?.bytes
    options.tile = memory.tile

    // Both pictures and the file twice over; the plane, its result and that of the run before.
    let samples = source.layout.channels * (source.depth / 8)
    try Machine.expectMemory(
      size.width * size.height * (3 * samples + 3 * 4) + 2 * source.size.width * source.size.height * samples
        + network.workingMemory(for: size, options: options),
      remedy: "choose a smaller --scale or another picture")
    let kernels = Kernels(for: network.instructionSet)
    let threads = options.threads ?? 1
    var encoding = EncodeOptions()
    encoding.threads = threads
    let before = Machine.peak(kernels, threads: threads)
    // Round by round, so that all phases see the same machine.
    let upscaler = Upscaler(network)
    let plane = Plane(width: size.width, height: size.height, repeating: 0.5)
    var (decode, upscale, alone, encode) = (Timing(), Timing(), Timing(), Timing())
    var picture = try ImageFile.read(bytes: bytes, name: name)
    var result = picture
    var encoded: [UInt8] = []
    var (round, seconds) = (-1, 0.0)
    while Timing.wantsMore(than: round, seconds, bench.repeats) {
      let times = try [
        Timing.time { picture = try ImageFile.read(bytes: bytes, name: name) },
        Timing.time { result = try upscaler.upscale(picture, to: size, options: options) },
        Timing.time { encoded = try ImageFile.encode(result, as: format, options: encoding) },
        Timing.time { _ = try network.enhance(plane, options: options) },
      ]
      round += 1
      // The first one warms up.
      if round == 0 { continue }
      seconds += times.reduce(0, +)
      decode.add(times[0])
      upscale.add(times[1])
      encode.add(times[2])
      alone.add(times[3])
    }

    let peak = max(before, Machine.peak(kernels, threads: threads))
    let operations = 2 * Double(network.multiplyAddsPerPixel) * Double(size.width) * Double(size.height)
    let speed = operations / alone.median
    let check = try PictureCheck(of: result, encoded: encoded, from: picture, by: network.model)
    let measurement = Measurement(
      format: format.name, width: source.size.width, height: source.size.height, resultWidth: size.width,
      resultHeight: size.height, algorithm: network.algorithm.rawValue,
      isa: network.instructionSet.rawValue, threads: threads, decode: decode, upscale: upscale,
      network: alone, encode: encode, gflops: speed / 1e9, peakGflops: peak / 1e9, shareOfPeak: speed / peak,
      totalOverNetwork: (decode.median + upscale.median + encode.median) / alone.median,
      peakMemory: Machine.peakMemory, largestError: JSON.Finite(check.largestError), correct: check.passes,
      command: command(network, format))
    try Console.print(bench.json ? JSON.text(measurement) : text(measurement, check))
    if !check.passes { throw CommandFailure(.someInputsFailed, "the result is wrong: \(check)") }
  }

  /// A command that measures the same again.
  private func command(_ network: Network, _ format: ImageFormat) -> String {
    "acuity bench image" + (file.map { " \(Text.shell($0))" } ?? "")
      + " --scale \(scale) --format \(format.name)"
      + (model.map { " --model \(Text.shell($0))" } ?? "")
      + " --algorithm \(network.algorithm.rawValue)"
      + " --isa \(network.instructionSet.rawValue) --threads \(compute.threadCount)"
      + memory.arguments + bench.arguments
  }

  private func text(_ measurement: Measurement, _ check: PictureCheck) -> String {
    "\(measurement.width)x\(measurement.height) to \(measurement.resultWidth)x\(measurement.resultHeight) pixels, "
      + "\(measurement.format), \(measurement.algorithm), \(measurement.isa), \(Text.threads(measurement.threads))\n"
      + Text.table([
        ("decode", measurement.decode.text),
        ("upscale", measurement.upscale.text),
        ("encode", measurement.encode.text),
        ("network alone", measurement.network.text),
        (
          "speed",
          "\(Text.fixed(measurement.gflops, 1)) GFLOP/s, \(Text.fixed(measurement.shareOfPeak * 100, 1)) % of the "
            + "FMA peak, \(Text.fixed(measurement.peakGflops, 1)) GFLOP/s in this run"
        ),
        ("all", "\(Text.fixed(measurement.totalOverNetwork, 3)) times the network alone"),
        ("memory", "\(ByteCount(measurement.peakMemory)) at most"),
        ("check", (measurement.correct ? "right: " : "WRONG: ") + "\(check)"),
        ("again", measurement.command),
      ])
  }
}
