/// One call's worth of a 3x3 convolution by Winograd's algorithm: whole tiles of m x m outputs.
///
/// Plain pointers and integers, since it crosses into modules that are compiled for other instruction sets.
@frozen
public struct WinogradTiles {
  /// `rows + 2` input rows; each points at pixel 0, and pixels -1 and `width` are readable.
  public var inputs: UnsafePointer<UnsafePointer<Float>>
  /// `rows` output rows; each points at pixel 0.
  public var outputs: UnsafePointer<UnsafeMutablePointer<Float>>
  /// A multiple of m.
  public var rows: Int
  /// A multiple of m.
  public var width: Int
  /// Floats from an input pixel to the next: the padded channel count, not 1.
  public var inputStride: Int
  /// Floats from an output pixel to the next: the padded channel count, not 1.
  public var outputStride: Int
  /// The transformed weights, for each frequency panels of output channels `[inputStride][channels of the panel]`.
  public var weights: UnsafePointer<Float>
  /// One per padded output channel.
  public var bias: UnsafePointer<Float>
  /// Negative results become zero.
  public var relu: Bool
  /// `rows` rows laid out as the output: results are zero where these are not positive (the gradient of a ReLU).
  public var gates: UnsafePointer<UnsafePointer<Float>>?
  /// How many tiles go through the three phases together.
  public var tilesAtOnce: Int
  /// Whether the products take the place of their inputs: for as many output as input channels.
  public var inPlace: Bool
  /// How many rows before their inputs they do: none where one panel has all output channels, else those of a register
  /// tile, for all panels must have read a row before it is overwritten.
  public var rowsBefore: Int
  /// Whether inputs, outputs and gates lie further away than in the second cache level.
  public var pixelsAreFar: Bool
  /// What of the work to do: all of it, unless a benchmark wants to know what a phase takes.
  public var phases: WinogradPhases
  /// `scratchCount(...)` floats.
  public var scratch: UnsafeMutablePointer<Float>

  @inlinable
  public init(
    inputs: UnsafePointer<UnsafePointer<Float>>, outputs: UnsafePointer<UnsafeMutablePointer<Float>>,
    rows: Int, width: Int, inputStride: Int, outputStride: Int,
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>, relu: Bool,
    gates: UnsafePointer<UnsafePointer<Float>>?, tilesAtOnce: Int, inPlace: Bool, rowsBefore: Int,
    pixelsAreFar: Bool, phases: WinogradPhases, scratch: UnsafeMutablePointer<Float>
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.rows = rows
    self.width = width
    self.inputStride = inputStride
    self.outputStride = outputStride
    self.weights = weights
    self.bias = bias
    self.relu = relu
    self.gates = gates
    self.tilesAtOnce = tilesAtOnce
    self.inPlace = inPlace
    self.rowsBefore = rowsBefore
    self.pixelsAreFar = pixelsAreFar
    self.phases = phases
    self.scratch = scratch
  }

  /// So many rows behind a block's last tile belong to it too: the last register tile of a product may reach there.
  @inline(always)
  public static var rowsBeyond: Int { 5 }

  /// No register tile of a product that takes several panels has more rows.
  @inlinable
  public static var mostRows: Int { 6 }

  /// Floats from one frequency of a block to the next: `rows` tiles' channels, and one cache line more. The transforms
  /// write and read all frequencies of a tile at once; an odd number of lines spreads them over all sets of a cache.
  @inline(always)
  public static func frequencyStride(rows: Int, stride: Int) -> Int { rows &* stride &+ 16 }

  /// How many of `tiles` to take at once, so that all blocks are about the same size (a last one of few tiles would read
  /// all weights for little work), by sixes: whole register tiles of every instruction set, or nearly.
  @inline(always)
  public static func evenly(_ tiles: Int, atMost most: Int) -> Int {
    if tiles <= most { return tiles }
    let blocks = (tiles &+ most &- 1) / most
    return min(most, (tiles &+ 6 &* blocks &- 1) / (6 &* blocks) &* 6)
  }

  /// Floats of scratch: a block's inputs and products in the frequency domain, and what the passes of a transform hand
  /// over. `side` is m + 2, `rows` the tiles at once with those before them and those computed beyond them.
  @inlinable
  public static func scratchCount(
    side: Int, rows: Int, inputStride: Int, outputStride: Int, inPlace: Bool
  ) -> Int {
    let inputs = frequencyStride(rows: rows, stride: inputStride)
    let products = inPlace ? 0 : frequencyStride(rows: rows, stride: outputStride)
    return side &* side &* (inputs &+ products) &+ temporaryCount(side: side, inputStride: inputStride)
  }

  /// Floats that the passes of a transform hand over: `side` columns of `side` vectors of one tile and one vector's
  /// channels, and what all channels' share with the next tile, two columns of `side` values each.
  @inlinable
  public static func temporaryCount(side: Int, inputStride: Int) -> Int {
    side &* side &* 16 &+ 2 &* side &* inputStride
  }
}

/// The phases of a Winograd convolution.
@frozen
public struct WinogradPhases: OptionSet, Sendable {
  public let rawValue: Int

  @inlinable
  public init(rawValue: Int) { self.rawValue = rawValue }

  @inlinable
  public static var inputs: WinogradPhases { WinogradPhases(rawValue: 1) }
  @inlinable
  public static var products: WinogradPhases { WinogradPhases(rawValue: 2) }
  @inlinable
  public static var outputs: WinogradPhases { WinogradPhases(rawValue: 4) }
  @inlinable
  public static var all: WinogradPhases { WinogradPhases(rawValue: 7) }
}
