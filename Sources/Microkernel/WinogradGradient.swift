/// One call's worth of the weight gradient of a 3x3 convolution by Winograd's algorithm: what whole m x m tiles of
/// outputs add to it.
///
/// Plain pointers and integers, since it crosses into modules that are compiled for other instruction sets.
@frozen
public struct WinogradGradientTiles {
  /// `rows + 2` rows of the layer's input; each points at pixel 0, and pixels -1 and `width` are readable.
  public var inputs: UnsafePointer<UnsafePointer<Float>>
  /// `rows` rows of the gradient with respect to the layer's output (before its ReLU); each points at pixel 0.
  public var outputGradients: UnsafePointer<UnsafePointer<Float>>
  /// A multiple of m.
  public var rows: Int
  /// A multiple of m.
  public var width: Int
  /// Floats from an input pixel to the next: the padded channel count, not 1.
  public var inputStride: Int
  /// Floats from an output pixel to the next: the padded channel count, not 1.
  public var outputStride: Int
  /// In the frequency domain, laid out as the layer's transformed weights.
  public var gradient: UnsafeMutablePointer<Float>
  /// One per padded output channel; added to.
  public var biasGradient: UnsafeMutablePointer<Float>
  /// Whether `gradient` is added to, or replaced.
  public var adds: Bool
  /// How many tiles go through the two phases together.
  public var tilesAtOnce: Int
  /// `WinogradTiles.scratchCount(...)` floats.
  public var scratch: UnsafeMutablePointer<Float>

  @inlinable
  public init(
    inputs: UnsafePointer<UnsafePointer<Float>>, outputGradients: UnsafePointer<UnsafePointer<Float>>,
    rows: Int, width: Int, inputStride: Int, outputStride: Int,
    gradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>, adds: Bool,
    tilesAtOnce: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    self.inputs = inputs
    self.outputGradients = outputGradients
    self.rows = rows
    self.width = width
    self.inputStride = inputStride
    self.outputStride = outputStride
    self.gradient = gradient
    self.biasGradient = biasGradient
    self.adds = adds
    self.tilesAtOnce = tilesAtOnce
    self.scratch = scratch
  }
}

/// `c[inner][columns] = a[rows]^T[inner] * b[rows][columns]`, or added to what is there: c in panels `[inner][columns of the panel]`.
@frozen
public struct TransposedProduct {
  public let a: UnsafePointer<Float>
  public let b: UnsafePointer<Float>
  public let c: UnsafeMutablePointer<Float>
  public let rows: Int
  public let inner: Int
  public let columns: Int
  public let adds: Bool

  @inlinable
  public init(
    a: UnsafePointer<Float>, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>, rows: Int, inner: Int,
    columns: Int, adds: Bool
  ) {
    self.a = a
    self.b = b
    self.c = c
    self.rows = rows
    self.inner = inner
    self.columns = columns
    self.adds = adds
  }
}

extension Winograd {
  /// The weight gradient in the frequency domain, from `y = A^T [U * (B^T d B)] A` for every tile:
  ///
  /// ```
  /// inputs ───────────B^T d B──▶ V [N x N][tile][input channel]  ─┐
  ///                                                               ├─V^T D──▶ dU [N x N][input channel][output channel]
  /// output gradients ─A y A^T──▶ D [N x N][tile][output channel] ─┘   N x N matrix products, added up
  /// ```
  ///
  /// The gradient of the weights is then `G^T dU G`, once for any number of calls. `accumulate` computes one product, in
  /// the shape of the instruction set. Every sum takes its tiles in order, whatever the blocks.
  @inline(always)
  public static func accumulateGradient(
    _ task: WinogradGradientTiles, _ accumulate: (TransposedProduct) -> Void
  ) {
    let columns = task.width / M
    let tiles = task.rows / M &* columns
    let inputFrequency = WinogradTiles.frequencyStride(rows: task.tilesAtOnce, stride: task.inputStride)
    let outputFrequency = WinogradTiles.frequencyStride(rows: task.tilesAtOnce, stride: task.outputStride)
    let transformedGradients = task.scratch + N &* N &* inputFrequency
    let temporary = transformedGradients + N &* N &* outputFrequency
    let inputs = WinogradPixels(
      rows: task.inputs, stride: task.inputStride, target: task.scratch, frequency: inputFrequency,
      temporary: temporary, areFar: true)
    let outputGradients = WinogradPixels(
      rows: task.outputGradients, stride: task.outputStride, target: transformedGradients,
      frequency: outputFrequency, temporary: temporary, areFar: true)
    let blocks = (tiles &+ task.tilesAtOnce &- 1) / task.tilesAtOnce
    let atOnce = blocks > 0 ? (tiles &+ blocks &- 1) / blocks : 0
    var first = 0
    while first < tiles {
      let count = min(atOnce, tiles &- first)
      transformInputs(inputs, first, count, columns)
      transformOutputGradients(outputGradients, first, count, columns, sums: task.biasGradient)
      var frequency = 0
      while frequency < N &* N {
        accumulate(
          TransposedProduct(
            a: UnsafePointer(inputs.target + frequency &* inputFrequency),
            b: UnsafePointer(outputGradients.target + frequency &* outputFrequency),
            c: task.gradient + frequency &* task.inputStride &* task.outputStride,
            rows: count, inner: task.inputStride, columns: task.outputStride, adds: task.adds || first > 0))
        frequency &+= 1
      }
      first &+= count
    }
  }
}

extension Architecture {
  /// Columns `column ..< column + N vectors` of a product: tiles of M rows of the result, then what is left in tiles of
  /// R rows, which divides it.
  @inline(always)
  public static func accumulateProduct<let M: Int, let R: Int, let N: Int>(
    _ product: TransposedProduct, column: Int, tile: RegisterTile<Self, M, N>.Type,
    rest: RegisterTile<Self, R, N>.Type
  ) {
    var row = 0
    while row &+ M <= product.inner {
      accumulateTile(product, row, column, tile)
      row &+= M
    }
    while row < product.inner {
      accumulateTile(product, row, column, rest)
      row &+= R
    }
  }

  @inline(always)
  public static func accumulateTile<let M: Int, let N: Int>(
    _ product: TransposedProduct, _ row: Int, _ column: Int, _: RegisterTile<Self, M, N>.Type
  ) {
    let panel = N &* lanes
    let target = product.c + (column &* product.inner &+ row &* panel)
    var tile = RegisterTile<Self, M, N>()
    if product.adds { tile.load(target, row: panel) }
    tile.accumulate(
      product.a + row, row: 1, step: product.inner, product.b + column, step: product.columns,
      count: product.rows)
    tile.store(target, row: panel)
  }
}
