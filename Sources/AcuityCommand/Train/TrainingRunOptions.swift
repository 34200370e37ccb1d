import ArgumentParser

/// How the run is carried out: nothing here changes the result, but the instruction set its rounding.
struct TrainingRunOptions: ParsableArguments {
  @OptionGroup var compute: ComputeOptions

  @Option(
    help: ArgumentHelp(
      "Memory that the pictures may take, those being read included, as in 512M or 2G; what does not fit is left out.",
      valueName: "size"))
  var maxMemory = ByteCount(4 << 30)

  @Option(help: ArgumentHelp("Time between checkpoints.", valueName: "seconds"))
  var checkpointEvery = 120.0

  @Option(help: ArgumentHelp("Steps between measurements on the held-out pictures.", valueName: "steps"))
  var measureEvery = 250

  func validate() throws {
    if maxMemory.bytes < 1 << 20 { throw ValidationError("--max-memory is at least 1M, not \(maxMemory)") }
    // A Duration has an end, some 10^11 years away.
    if !(0...1e9).contains(checkpointEvery) {
      throw ValidationError("--checkpoint-every is 0 to 1000000000 seconds, not \(checkpointEvery)")
    }
    if measureEvery < 1 { throw ValidationError("--measure-every is 1 step or more, not \(measureEvery)") }
  }
}
