import Convolution
import Pixels

/// One thread's memory, and the computing of one task through all layers.
///
/// ```
///            2   step.width
///          ┌───┬───────────┐
///        2 │   │ from above│   A layer's patch: its own rectangle, and two columns and rows before it, which the
///          ├───┼───────────┤   tasks to the left and above have computed. Two patches take turns: one is read,
///   step   │ f.│           │   the other written.
/// .height  │ l.│   own     │
///          └───┴───────────┘
/// ```
struct TaskWorker {
  private let kernels: Kernels
  private let layers: [NetworkLayer]
  private let plan: NetworkPlan
  private let step: TaskSize
  private let carriedRows: CarriedRows
  private let residual: Bool
  private let source: PlaneSource
  private let sink: PlaneSink
  private let check: FiniteCheck

  private let memory: FloatBuffer
  private let patches: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
  private let carriedColumns: UnsafeMutablePointer<Float>
  private let input: UnsafeMutablePointer<Float>
  private let scratch: UnsafeMutablePointer<Float>
  private let columnOffsets: [Int]

  init(
    kernels: Kernels, layers: [NetworkLayer], plan: NetworkPlan, step: TaskSize, carriedRows: CarriedRows,
    residual: Bool, source: @escaping PlaneSource, sink: @escaping PlaneSink, check: FiniteCheck
  ) {
    self.kernels = kernels
    self.layers = layers
    self.plan = plan
    self.step = step
    self.carriedRows = carriedRows
    self.residual = residual
    self.source = source
    self.sink = sink
    self.check = check
    let parts = Self.parts(layers: layers, step: step)
    memory = FloatBuffer(count: parts.reduce(0, +))
    let starts = parts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    patches = (memory.pointer, memory.pointer + starts[1])
    carriedColumns = memory.pointer + starts[2]
    input = memory.pointer + starts[3]
    scratch = memory.pointer + starts[4]
    columnOffsets = layers.reduce(into: [0]) { offsets, layer in
      offsets.append(
        offsets[offsets.count - 1] + 2 * (step.height + 2) * paddedChannels(layer.outputChannels))
    }
  }

  /// Floats that one worker takes.
  static func floats(layers: [NetworkLayer], step: TaskSize) -> Int {
    parts(layers: layers, step: step).reduce(0, +)
  }

  /// Two patches, the carried columns, the input under the output, the kernels' scratch; each a multiple of 16 floats.
  private static func parts(layers: [NetworkLayer], step: TaskSize) -> [Int] {
    let widest = layers.map { paddedChannels($0.outputChannels) }.reduce(1, max)
    let all = layers.map { paddedChannels($0.outputChannels) }.reduce(0, +)
    let patch = (step.width + 2) * (step.height + 2) * widest
    let parts = [
      patch, patch, 2 * (step.height + 2) * all, step.width * step.height,
      layers.map(\.scratchCount).reduce(0, max),
    ]
    return parts.map { ($0 + 15) & ~15 }
  }

  /// Begins a band: left of its first chunk there is nothing.
  func beginBand() {
    let count = columnOffsets[columnOffsets.count - 1]
    carriedColumns.update(repeating: 0, count: count)
  }

  /// Computes one task: its part of every layer, of the last one into the sink.
  func compute(band: Int, chunk: Int) {
    fillInput(band: band, chunk: chunk)
    for layer in 1...layers.count {
      let rows = plan.down.range(layer: layer, step: band)
      let columns = plan.across.range(layer: layer, step: chunk)
      let isLast = layer == layers.count
      if !rows.isEmpty && !columns.isEmpty {
        if isLast && residual { source(pictureRect(rows, columns, layer: layer), input, columns.count) }
        convolve(
          layer, rows, columns, band: band, chunk: chunk, addend: isLast && residual ? input : nil)
        if isLast { emit(rows, columns, band: band, chunk: chunk) }
      }
      if !isLast { handOn(layer, band: band, chunk: chunk) }
    }
  }

  // MARK: - Steps

  private func patch(layer: Int) -> ActivationPatch {
    ActivationPatch(
      base: layer.isMultiple(of: 2) ? patches.0 : patches.1,
      pixelStride: layer == 0 ? 1 : paddedChannels(layers[layer - 1].outputChannels),
      width: step.width + 2, height: step.height + 2)
  }

  /// The input under the whole patch, zero outside of the picture.
  private func fillInput(band: Int, chunk: Int) {
    let patch = patch(layer: 0)
    let left = chunk * step.width - 2
    let top = band * step.height - 2
    let rows = (0..<plan.down.length).clamped(to: top..<top + patch.height)
    let columns = plan.inputColumns.clamped(to: left..<left + patch.width)
    patch.clearOutside(
      rows: 0..<patch.height, columns: 0..<patch.width,
      insideRows: rows.lowerBound - top..<rows.upperBound - top,
      insideColumns: columns.lowerBound - left..<columns.upperBound - left)
    if rows.isEmpty || columns.isEmpty { return }
    source(
      Rect(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count),
      patch.pixel(rows.lowerBound - top, columns.lowerBound - left), patch.width)
  }

  private func convolve(
    _ layer: Int, _ rows: Range<Int>, _ columns: Range<Int>, band: Int, chunk: Int,
    addend: UnsafeMutablePointer<Float>?
  ) {
    let (from, to) = (patch(layer: layer - 1), patch(layer: layer))
    let row = rows.lowerBound - band * step.height
    let column = columns.lowerBound - chunk * step.width
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: 2 * rows.count + 2) { pointers in
      withUnsafeTemporaryAllocation(
        of: UnsafeMutablePointer<Float>.self, capacity: rows.count
      ) { outputs in
        // An output at u reads the layer before at u - 2 ... u: its middle is one back.
        for i in 0..<rows.count + 2 { pointers[i] = UnsafePointer(from.pixel(row + i, column + 1)) }
        for i in 0..<rows.count { outputs[i] = to.pixel(row + 2 + i, column + 2) }
        let addends = rows.count + 2
        if let addend {
          for i in 0..<rows.count { pointers[addends + i] = UnsafePointer(addend + i * columns.count) }
        }
        guard let inputs = pointers.baseAddress, let targets = outputs.baseAddress else { return }
        layers[layer - 1].compute(
          kernels, inputs: inputs, outputs: targets, rows: rows.count, width: columns.count,
          adding: addend == nil ? nil : inputs + addends, scratch: scratch)
      }
    }
  }

  /// Completes a layer's patch for the next layer, and keeps what the tasks to the right and below will need of it.
  private func handOn(_ layer: Int, band: Int, chunk: Int) {
    let patch = patch(layer: layer)
    let (width, height) = (step.width, step.height)
    let fromAbove = carriedRows.rows(layer: layer, chunk: chunk)
    let fromLeft = ActivationPatch(
      base: carriedColumns + columnOffsets[layer - 1], pixelStride: patch.pixelStride, width: 2,
      height: height + 2)
    let (top, left) = (band * height - 2, chunk * width - 2)
    let insideRows = plan.down.inside(layer: layer)
    let insideColumns = plan.across.inside(layer: layer)
    patch.clearOutside(
      rows: 2..<height + 2, columns: 2..<width + 2,
      insideRows: insideRows.lowerBound - top..<insideRows.upperBound - top,
      insideColumns: insideColumns.lowerBound - left..<insideColumns.upperBound - left)
    patch.copy(rows: 0..<2, columns: 2..<width + 2, from: fromAbove, sourceRow: 0, sourceColumn: 0)
    patch.copy(rows: 0..<height + 2, columns: 0..<2, from: fromLeft, sourceRow: 0, sourceColumn: 0)
    fromAbove.copy(rows: 0..<2, columns: 0..<width, from: patch, sourceRow: height, sourceColumn: 2)
    fromLeft.copy(rows: 0..<height + 2, columns: 0..<2, from: patch, sourceRow: 0, sourceColumn: width)
  }

  private func emit(_ rows: Range<Int>, _ columns: Range<Int>, band: Int, chunk: Int) {
    let patch = patch(layer: layers.count)
    let first = patch.pixel(
      rows.lowerBound - band * step.height + 2, columns.lowerBound - chunk * step.width + 2)
    check.look(at: first, rows: rows.count, columns: columns.count, stride: patch.width)
    sink(pictureRect(rows, columns, layer: layers.count), first, patch.width)
  }

  private func pictureRect(_ rows: Range<Int>, _ columns: Range<Int>, layer: Int) -> Rect {
    Rect(
      x: columns.lowerBound - layer, y: rows.lowerBound - layer, width: columns.count, height: rows.count)
  }
}
