import Benchmark
import Foundation

/// `acuity`, built beside this program: it measures kernels and training, which are not public.
enum Command {
  /// The time of one run that the command has measured, in nanoseconds: its own start and its checks do not count.
  static let time = BenchmarkMetric.custom("Measured ns", polarity: .prefersSmaller, useScalingFactor: false)

  struct Answer: Decodable {
    struct Timing: Decodable {
      let seconds: [Double]
    }
    let time: Timing
  }

  enum Problem: Error {
    case exit(Int32, [String])
    case unknownPlace
  }

  /// Registers a benchmark of the times that `acuity bench` prints for these arguments; a wrong result fails it.
  static func register(_ name: String, _ arguments: [String]) {
    let configuration = Benchmark.Configuration(
      metrics: [time], warmupIterations: 0, maxDuration: .seconds(3600), maxIterations: 1)
    Benchmark(name, configuration: configuration) { benchmark in
      for seconds in try run(["bench"] + arguments + ["--json"]).time.seconds {
        benchmark.measurement(time, Int(seconds * 1e9))
      }
    }
  }

  private static func run(_ arguments: [String]) throws -> Answer {
    let process = Process()
    let output = Pipe()
    guard let program = Bundle.main.executableURL else { throw Problem.unknownPlace }
    process.executableURL = program.deletingLastPathComponent().appending(path: "acuity")
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Problem.exit(process.terminationStatus, arguments) }
    return try JSONDecoder().decode(Answer.self, from: bytes)
  }
}
