import Microkernel

/// The weights and biases of one 3x3 layer in the frequency domain of Winograd's algorithm, in the order that the
/// kernels of one instruction set read them.
///
/// ```
/// frequency 0                                      frequency 1
/// ┌───────────────────────────┬───────────────────┬──────────
/// │ panel 0: input channel 0  │ panel 1           │ ...          panels as in `PackedLayout`,
/// │          input channel 1  │                   │              with one tap
/// │          ...              │                   │
/// └───────────────────────────┴───────────────────┴──────────
/// ```
///
/// `G w G^T` is computed in Double and rounded once. Packing takes 9 x 16 to 9 x 36 multiplications for each pair of
/// channels; do it once and keep the value.
package struct WinogradWeights: Sendable {
  package let layout: PackedLayout
  package let tile: WinogradTile
  private var storage: FloatBuffer

  package var inputChannels: Int { layout.inputChannels }
  package var outputChannels: Int { layout.outputChannels }
  package var instructionSet: InstructionSet { layout.instructionSet }

  /// Valid as long as this value lives and is not written.
  package var weights: UnsafePointer<Float> { UnsafePointer(storage.pointer) }
  package var bias: UnsafePointer<Float> { UnsafePointer(storage.pointer + weightCount) }

  /// Floats of transformed weights, the biases not counted.
  package var weightCount: Int { tile.side * tile.side * layout.inputStride * layout.outputStride }
  /// Floats of transformed weights and biases.
  package var count: Int { Self.count(layout, tile) }

  /// How many tiles a call takes through its phases together: any number gives the same bits. At first, what suits the
  /// machine's caches.
  package var tilesAtOnce: Int

  /// Floats of scratch that a call of `Kernels.convolveTiles` with these weights needs, whatever the rows and width.
  package var scratchCount: Int { Self.scratchCount(layout, tile, tilesAtOnce: tilesAtOnce) }

  /// `scratchCount` of weights that are yet to be made.
  package static func scratchCount(_ layout: PackedLayout, _ tile: WinogradTile) -> Int {
    scratchCount(layout, tile, tilesAtOnce: tilesAtOnce(layout, tile, CacheSizes.machine))
  }

  private static func scratchCount(_ layout: PackedLayout, _ tile: WinogradTile, tilesAtOnce: Int) -> Int {
    WinogradTiles.scratchCount(
      side: tile.side, rows: layout.productsRowsBefore + tilesAtOnce + WinogradTiles.rowsBeyond,
      inputStride: layout.inputStride, outputStride: layout.outputStride, inPlace: layout.productsStayInPlace)
  }

  /// Floats of transformed weights and biases, as many as their gradient has.
  package static func count(_ layout: PackedLayout, _ tile: WinogradTile) -> Int {
    tile.side * tile.side * layout.inputStride * layout.outputStride + layout.outputStride
  }

  /// Transforms `outputChannels * inputChannels * 9` floats, OIHW, and takes `outputChannels` biases (nil: none).
  ///
  /// - Precondition: more than one input and output channel; the storage, if given, is of `count(_:_:)` zeros.
  package init(
    _ weights: [Float], bias: [Float]? = nil, inputChannels: Int, outputChannels: Int, tile: WinogradTile,
    instructionSet: InstructionSet, storage: FloatBuffer? = nil
  ) {
    self.init(
      PackedLayout(
        inputChannels: inputChannels, outputChannels: outputChannels, instructionSet: instructionSet),
      tile: tile, storage: storage)
    precondition(weights.count == 9 * inputChannels * outputChannels)
    precondition(bias == nil || bias?.count == outputChannels)
    weights.withUnsafeBufferPointer { weights in
      (bias ?? []).withUnsafeBufferPointer { bias in
        // An empty array may have an address too.
        if let base = weights.baseAddress {
          pack(base, bias: bias.isEmpty ? nil : bias.baseAddress, into: self.storage.pointer)
        }
      }
    }
  }

  /// All zero; `repack` fills it.
  package init(_ layout: PackedLayout, tile: WinogradTile, storage: FloatBuffer? = nil) {
    precondition(layout.inputChannels > 1 && layout.outputChannels > 1)
    precondition(storage == nil || storage?.count == Self.count(layout, tile))
    self.layout = layout
    self.tile = tile
    tilesAtOnce = Self.tilesAtOnce(layout, tile, CacheSizes.machine)
    self.storage = storage ?? FloatBuffer(count: Self.count(layout, tile))
  }

  /// As many tiles as keep both levels of the cache useful, by sixes, the rows of the widest register tile.
  ///
  /// While one product is computed its rows of inputs and outputs take three eighths of the first level, the rest being
  /// for the panel of weights. A block's values in the frequency domain take five eighths of the second, the rest
  /// being for the weights that pass through and the pixels. Found by sweep: with more, the second level thrashes; with
  /// fewer, the weights pass through more often.
  static func tilesAtOnce(_ layout: PackedLayout, _ tile: WinogradTile, _ caches: CacheSizes) -> Int {
    let products = layout.productsStayInPlace ? 0 : layout.outputStride
    let bytesPerRow = 4 * (layout.inputStride + products)
    let first = caches.firstLevel * 3 / 8 / bytesPerRow
    let second = caches.secondLevel * 5 / 8 / (tile.side * tile.side * bytesPerRow)
    return min(max(min(first, second) / 6 * 6, 6), 96)
  }

  /// The weights of the data gradient of a layer with these OIHW weights, whose channel counts are given as that layer
  /// has them.
  package static func transposedFlipped(
    _ weights: [Float], inputChannels: Int, outputChannels: Int, tile: WinogradTile,
    instructionSet: InstructionSet
  ) -> WinogradWeights {
    precondition(weights.count == 9 * inputChannels * outputChannels)
    var packed = WinogradWeights(
      PackedLayout(
        inputChannels: outputChannels, outputChannels: inputChannels, instructionSet: instructionSet),
      tile: tile)
    weights.withUnsafeBufferPointer { weights in
      if let base = weights.baseAddress { packed.repack(transposing: base) }
    }
    return packed
  }

  /// Replaces all weights by these, OIHW, and the biases (zero if nil).
  package mutating func repack(_ source: UnsafePointer<Float>, bias: UnsafePointer<Float>?) {
    pack(source, bias: bias, into: uniqueStorage())
  }

  private func pack(
    _ source: UnsafePointer<Float>, bias: UnsafePointer<Float>?, into target: UnsafeMutablePointer<Float>
  ) {
    let inputs = inputChannels
    transform(into: target) { input, output in (source + (output * inputs + input) * 9, 1) }
    for output in 0..<outputChannels { target[weightCount + output] = bias?[output] ?? 0 }
  }

  /// Replaces all weights by those of the data gradient of a layer whose OIHW weights are `source`: this layer's inputs
  /// are that layer's outputs, its outputs that layer's inputs, and the taps are turned by 180 degrees. No biases.
  package mutating func repack(transposing source: UnsafePointer<Float>) {
    let (outputs, target) = (outputChannels, uniqueStorage())
    transform(into: target) { input, output in (source + ((input * outputs + output) * 9 + 8), -1) }
    for output in 0..<outputChannels { target[weightCount + output] = 0 }
  }

  private mutating func uniqueStorage() -> UnsafeMutablePointer<Float> {
    if !isKnownUniquelyReferenced(&storage) { storage = FloatBuffer(copying: storage) }
    return storage.pointer
  }

  /// Writes `G w G^T` of every pair of channels; `taps` gives the first of a pair's nine and the step to the next.
  ///
  /// Sixteen output channels at a time: their values are a whole line of the cache in every frequency's panel. These lines lie
  /// so far apart that all fall into one set of the first level: whoever writes less than a line misses it the next time.
  @inline(__always)
  private func transform(
    into target: UnsafeMutablePointer<Float>,
    _ taps: (_ input: Int, _ output: Int) -> (first: UnsafePointer<Float>, step: Int)
  ) {
    let side = tile.side
    let frequency = layout.inputStride * layout.outputStride
    let g = tile.weightTransform.flatMap { $0 }
    var w = [SIMD16<Double>](repeating: SIMD16(), count: 9)
    var rows = [SIMD16<Double>](repeating: SIMD16(), count: side * 3)
    /// Row i of G times three vectors.
    @inline(__always)
    func product(_ i: Int, _ a: SIMD16<Double>, _ b: SIMD16<Double>, _ c: SIMD16<Double>) -> SIMD16<Double> {
      let first: SIMD16<Double> = a * g[i * 3]
      let second: SIMD16<Double> = b * g[i * 3 + 1]
      let third: SIMD16<Double> = c * g[i * 3 + 2]
      return first + second + third
    }
    for panel in layout.panels {
      for input in 0..<inputChannels {
        for channel in stride(from: 0, to: panel.channels, by: 16) {
          let count = min(16, panel.channels - channel)
          for lane in 0..<count {
            let (first, step) = taps(input, panel.firstChannel + channel + lane)
            for tap in 0..<9 { w[tap][lane] = Double(first[tap * step]) }
          }
          for i in 0..<side {
            for column in 0..<3 {
              rows[i * 3 + column] = product(i, w[column], w[3 + column], w[6 + column])
            }
          }
          let to = target + panel.firstChannel * layout.inputStride + input * panel.width + channel
          for i in 0..<side {
            for j in 0..<side {
              let value = product(j, rows[i * 3], rows[i * 3 + 1], rows[i * 3 + 2])
              let place = to + (i * side + j) * frequency
              if count == 16 {
                UnsafeMutableRawPointer(place).storeBytes(of: SIMD16<Float>(value), as: SIMD16<Float>.self)
              } else {
                for lane in 0..<count { place[lane] = Float(value[lane]) }
              }
            }
          }
        }
      }
    }
  }
}
