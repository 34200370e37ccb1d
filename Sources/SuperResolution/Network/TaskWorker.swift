import Convolution
import Pixels

/// The memory of one thread, or of threads that work together, and the computing of one task through all layers.
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
///
/// Threads that share one compute parts that do not overlap, of one phase at a time: `Lockstep` keeps them together.
struct TaskWorker: @unchecked Sendable {
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
  private let scratchCount: Int
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
    scratchCount = Self.scratchCount(layers)
    columnOffsets = layers.reduce(into: [0]) { offsets, layer in
      offsets.append(
        offsets[offsets.count - 1] + 2 * (step.height + 2) * paddedChannels(layer.outputChannels))
    }
  }

  /// Floats that one worker takes.
  static func floats(layers: [NetworkLayer], step: TaskSize) -> Int {
    parts(layers: layers, step: step).reduce(0, +)
  }

  /// Two patches, the carried columns, the input under the output, the kernels' scratch for each thread; each a multiple
  /// of 16 floats.
  private static func parts(layers: [NetworkLayer], step: TaskSize) -> [Int] {
    let widest = layers.map { paddedChannels($0.outputChannels) }.reduce(1, max)
    let all = layers.map { paddedChannels($0.outputChannels) }.reduce(0, +)
    let patch = (step.width + 2) * (step.height + 2) * widest
    let parts = [
      patch, patch, 2 * (step.height + 2) * all, step.width * step.height,
      step.threadsTogether * scratchCount(layers),
    ]
    return parts.map { ($0 + 15) & ~15 }
  }

  private static func scratchCount(_ layers: [NetworkLayer]) -> Int {
    (layers.map(\.scratchCount).reduce(0, max) + 15) & ~15
  }

  /// Begins a band: left of its first chunk there is nothing.
  func beginBand() {
    let count = columnOffsets[columnOffsets.count - 1]
    carriedColumns.update(repeating: 0, count: count)
  }

  /// Computes all tasks of the plan one after the other, each by `step.threadsTogether` threads together.
  /// - Precondition: the plan has one chunk: what is handed on to the right is not for several threads.
  /// - Returns: false if `isCancelled` ended it early.
  func computeTogether(
    progress: (@Sendable (_ tasksDone: Int) -> Void)?, isCancelled: (@Sendable () -> Bool)?
  ) -> Bool {
    precondition(plan.across.steps.count == 1)
    let (bands, chunk) = (plan.down.steps, plan.across.steps.lowerBound)
    beginBand()
    return Lockstep(steps: bands.count * phases, parts: step.threadsTogether).run(
      isCancelled: isCancelled,
      part: { step, part in
        compute(step % phases, band: bands.lowerBound + step / phases, chunk: chunk, part: part)
      },
      close: { step in
        if step % phases == phases - 1 { progress?(step / phases + 1) }
      })
  }

  /// What of a task has to be done before anything of the next may begin: its input, then a layer and what is handed on
  /// of it in turns; of the last layer nobody needs anything.
  private var phases: Int { Self.phases(of: layers) }

  static func phases(of layers: [NetworkLayer]) -> Int { 2 * layers.count }

  /// Computes a phase of a task, or one thread's part of it: of the last layer into the sink.
  func compute(_ phase: Int, band: Int, chunk: Int, part: Int = 0) {
    if phase == 0 {
      fillInput(band: band, chunk: chunk, part: part)
    } else if phase.isMultiple(of: 2) {
      handOn(phase / 2, band: band, chunk: chunk, part: part)
    } else {
      compute(layer: (phase + 1) / 2, band: band, chunk: chunk, part: part)
    }
  }

  /// Computes one thread's part of a layer of a task, of the last one into the sink.
  private func compute(layer: Int, band: Int, chunk: Int, part: Int) {
    let rows = plan.down.range(layer: layer, step: band)
    let columns = plan.across.range(layer: layer, step: chunk)
    let block = layers[layer - 1].block
    for (rows, columns) in step.shares(of: rows, columns, block: block, part: part) {
      convolve(layer, rows, columns, band: band, chunk: chunk, scratch: scratch + part * scratchCount)
      if layer == layers.count { emit(rows, columns, band: band, chunk: chunk) }
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
  private func fillInput(band: Int, chunk: Int, part: Int) {
    let patch = patch(layer: 0)
    let left = plan.across.start(ofStep: chunk) - 2
    let top = plan.down.start(ofStep: band) - 2
    let share = step.columns(ofPart: part)
    let own = (part == 0 ? 0 : share.lowerBound + 2)..<share.upperBound + 2
    let rows = (0..<plan.down.length).clamped(to: top..<top + patch.height)
    let columns = plan.inputColumns.clamped(to: left + own.lowerBound..<left + own.upperBound)
    patch.clearOutside(
      rows: 0..<patch.height, columns: own,
      insideRows: rows.lowerBound - top..<rows.upperBound - top,
      insideColumns: columns.lowerBound - left..<columns.upperBound - left)
    if rows.isEmpty || columns.isEmpty { return }
    source(
      Rect(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count),
      patch.pixel(rows.lowerBound - top, columns.lowerBound - left), patch.width)
  }

  private func convolve(
    _ layer: Int, _ rows: Range<Int>, _ columns: Range<Int>, band: Int, chunk: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (from, to) = (patch(layer: layer - 1), patch(layer: layer))
    let row = rows.lowerBound - plan.down.start(ofStep: band)
    let column = columns.lowerBound - plan.across.start(ofStep: chunk)
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: 2 * rows.count + 2) { pointers in
      withUnsafeTemporaryAllocation(
        of: UnsafeMutablePointer<Float>.self, capacity: rows.count
      ) { outputs in
        // An output at u reads the layer before at u - 2 ... u: its middle is one back.
        for i in 0..<rows.count + 2 { pointers[i] = UnsafePointer(from.pixel(row + i, column + 1)) }
        for i in 0..<rows.count { outputs[i] = to.pixel(row + 2 + i, column + 2) }
        let addends = rows.count + 2
        let addsInput = residual && layer == layers.count
        if addsInput {
          let addend = input + (row * step.width + column)
          source(pictureRect(rows, columns, layer: layer), addend, step.width)
          for i in 0..<rows.count { pointers[addends + i] = UnsafePointer(addend + i * step.width) }
        }
        guard let inputs = pointers.baseAddress, let targets = outputs.baseAddress else { return }
        layers[layer - 1].compute(
          kernels, inputs: inputs, outputs: targets, rows: rows.count, width: columns.count,
          adding: addsInput ? inputs + addends : nil, scratch: scratch)
      }
    }
  }

  /// Completes a layer's patch for the next layer, and keeps what the tasks to the right and below will need of it.
  private func handOn(_ layer: Int, band: Int, chunk: Int, part: Int) {
    let patch = patch(layer: layer)
    let (width, height) = (step.width, step.height)
    let fromAbove = carriedRows.rows(layer: layer, chunk: chunk)
    let fromLeft = ActivationPatch(
      base: carriedColumns + columnOffsets[layer - 1], pixelStride: patch.pixelStride, width: 2,
      height: height + 2)
    let (top, left) = (plan.down.start(ofStep: band) - 2, plan.across.start(ofStep: chunk) - 2)
    let insideRows = plan.down.inside(layer: layer)
    let insideColumns = plan.across.inside(layer: layer)
    let share = step.columns(ofPart: part)
    let own = share.lowerBound + 2..<share.upperBound + 2
    patch.clearOutside(
      rows: 2..<height + 2, columns: own,
      insideRows: insideRows.lowerBound - top..<insideRows.upperBound - top,
      insideColumns: insideColumns.lowerBound - left..<insideColumns.upperBound - left)
    patch.copy(rows: 0..<2, columns: own, from: fromAbove, sourceRow: 0, sourceColumn: share.lowerBound)
    if part == 0 {
      patch.copy(rows: 0..<height + 2, columns: 0..<2, from: fromLeft, sourceRow: 0, sourceColumn: 0)
    }
    fromAbove.copy(rows: 0..<2, columns: share, from: patch, sourceRow: height, sourceColumn: own.lowerBound)
    if chunk + 1 < plan.across.steps.upperBound {
      fromLeft.copy(rows: 0..<height + 2, columns: 0..<2, from: patch, sourceRow: 0, sourceColumn: width)
    }
  }

  private func emit(_ rows: Range<Int>, _ columns: Range<Int>, band: Int, chunk: Int) {
    let patch = patch(layer: layers.count)
    let first = patch.pixel(
      rows.lowerBound - plan.down.start(ofStep: band) + 2,
      columns.lowerBound - plan.across.start(ofStep: chunk) + 2)
    check.look(at: first, rows: rows.count, columns: columns.count, stride: patch.width)
    sink(pictureRect(rows, columns, layer: layers.count), first, patch.width)
  }

  private func pictureRect(_ rows: Range<Int>, _ columns: Range<Int>, layer: Int) -> Rect {
    Rect(
      x: columns.lowerBound - layer, y: rows.lowerBound - layer, width: columns.count, height: rows.count)
  }
}
