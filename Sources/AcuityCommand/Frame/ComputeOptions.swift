import Acuity
import ArgumentParser

/// What of the machine computes.
struct ComputeOptions: ParsableArguments {
  @Option(
    help:
      "Threads to compute with, 1 to 1024, by default one for every core it may use; results do not depend on it."
  )
  var threads: Int?

  @Option(
    help: "The instruction set to use instead of the best that the machine has (see acuity info --cpu).")
  var isa: InstructionSet?

  /// Those asked for, or one for every core that this process may use.
  var threadCount: Int { threads ?? coreCount() }

  func validate() throws { try Self.check(threads: threads, isa: isa) }

  static func check(threads: Int?, isa: InstructionSet?) throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is 1 to 1024, not \(threads)")
    }
    _ = try InstructionSet.resolve(isa)
  }
}
