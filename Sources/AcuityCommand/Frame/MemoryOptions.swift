import ArgumentParser

/// How much memory may be taken, and how pictures are cut for the network.
struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Memory for the network's work and, in a batch, for the pictures under way, as in 512M or 2G, 1M at least; by default a share of the machine's, or of its container's.",
      valueName: "size"))
  var maxMemory: ByteCount?

  @Option(
    help: ArgumentHelp(
      "Compute in columns of tiles this wide, 1 to 1000000; by default as wide as the memory allows, some 9000 at most.",
      valueName: "pixels"))
  var tile: Int?

  /// What was given, as it is typed, each with a space before it.
  var arguments: String {
    (tile.map { " --tile \($0)" } ?? "") + (maxMemory.map { " --max-memory \($0.bytes)" } ?? "")
  }

  func validate() throws {
    if let tile, !(1...1_000_000).contains(tile) {
      throw ValidationError("--tile is 1 to 1000000 pixels, not \(tile)")
    }
    if let maxMemory, maxMemory.bytes < 1 << 20 {
      throw ValidationError("--max-memory is at least 1M, not \(maxMemory)")
    }
  }
}
