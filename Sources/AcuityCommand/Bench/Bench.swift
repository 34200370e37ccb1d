import ArgumentParser

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure the speed on this machine, and check the results in the same run.",
    discussion: """
      Examples:
        acuity bench conv --channels 64x64 --threads 1
        acuity bench network --size 1920x1080 --json
        acuity bench image photo.jpg --scale 2
        acuity bench training
      """,
    subcommands: [BenchConvolution.self, BenchNetwork.self, BenchImage.self, BenchTraining.self])
}

/// How often is measured, and for whom.
struct BenchOptions: ParsableArguments {
  @Option(help: "Timed runs, 1 to 100000; by default as many as fit into two seconds, 3 to 500.")
  var repeats: Int?

  @Flag(help: "Print JSON, on one line.")
  var json = false

  /// What was given and changes what is measured, as it is typed, with a space before it.
  var arguments: String { repeats.map { " --repeats \($0)" } ?? "" }

  func validate() throws {
    if let repeats, !(1...100_000).contains(repeats) {
      throw ValidationError("--repeats is 1 to 100000, not \(repeats)")
    }
  }
}

/// A picture's extent on the command line: `1920x1080`, or one number for a square.
struct SizeArgument: ExpressibleByArgument, CustomStringConvertible {
  let width: Int
  let height: Int

  init?(argument: String) {
    let parts = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard let width = parts.first, let height = parts.last, parts.count <= 2,
      (1...32_768).contains(width), (1...32_768).contains(height)
    else { return nil }
    self.width = width
    self.height = height
  }

  var description: String { "\(width)x\(height)" }
  var defaultValueDescription: String { description }
}

extension SizeArgument {
  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
  }
}
