import ArgumentParser

/// How much memory a batch may take: pictures are begun as it allows.
struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Memory for pictures under way and the network, as in 512M or 2G; by default a share of the machine's.",
      valueName: "size"))
  var maxMemory: ByteCount?

  @OptionGroup var tiles: TileOptions

  var tile: Int? { tiles.tile }

  func validate() throws { try maxMemory?.check() }
}

/// How much memory the network may take where pictures are taken whole, one after the other.
struct NetworkMemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Memory for the network's own work, beside the picture, as in 512M or 2G; by default a share of the machine's.",
      valueName: "size"))
  var maxMemory: ByteCount?

  @OptionGroup var tiles: TileOptions

  var tile: Int? { tiles.tile }

  /// What was given, as it is typed, each with a space before it.
  var arguments: String {
    (tile.map { " --tile \($0)" } ?? "") + (maxMemory.map { " --max-memory \($0.bytes)" } ?? "")
  }

  func validate() throws { try maxMemory?.check() }
}

/// How a picture is cut for the network.
struct TileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Compute in columns of tiles this wide; by default as wide as the memory allows.", valueName: "pixels"))
  var tile: Int?

  func validate() throws {
    if let tile, !(1...1_000_000).contains(tile) {
      throw ValidationError("--tile is 1 to 1000000 pixels, not \(tile)")
    }
  }
}

extension ByteCount {
  fileprivate func check() throws {
    if bytes < 1 << 20 { throw ValidationError("--max-memory is at least 1M, not \(self)") }
  }
}
