import Convolution
import Pixels

/// The memory of one thread, or of threads that work together, and the computing of one task through all layers.
///
/// ```
///         before step.width
///          ┌───┬───────────┐
///   before │   │ from above│   A layer's patch: its own rectangle, and some columns and rows before it, which the
///          ├───┼───────────┤   tasks to the left and above have computed; and if there is only one step across or
///   step   │ f.│           │   down, the zeros behind the picture. Two patches take turns: one is read, the other
/// .height  │ l.│   own     │   written.
///          └───┴───────────┘
/// ```
///
/// Threads that share one compute parts that do not overlap, of one phase at a time: `Lockstep` keeps them together.
struct TaskWorker: @unchecked Sendable {
  private let kernels: Kernels
  private let layers: [NetworkLayer]
  private let plan: NetworkPlan
  private let step: TaskShape
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
  /// Rows and columns of a patch before a task's own; a band may have fewer rows than a patch has room for.
  private var before: (rows: Int, columns: Int) { (step.down.margins.before, step.across.margins.before) }

  init(
    kernels: Kernels, layers: [NetworkLayer], plan: NetworkPlan, step: TaskShape, carriedRows: CarriedRows,
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
    let shapes = layers.map(\.shape)
    let parts = Self.parts(layers: shapes, step: step)
    memory = FloatBuffer(leftovers: parts.reduce(0, +))
    let starts = parts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    patches = (memory.pointer, memory.pointer + starts[1])
    carriedColumns = memory.pointer + starts[2]
    input = memory.pointer + starts[3]
    scratch = memory.pointer + starts[4]
    scratchCount = Self.scratchCount(shapes)
    columnOffsets = Self.columnOffsets(layers: shapes, step: step)
  }

  /// Floats that one worker takes.
  static func floats(layers: [LayerShape], step: TaskShape) -> Int {
    parts(layers: layers, step: step).reduce(0, +)
  }

  /// Two patches, the carried columns, the input under the output, the kernels' scratch for each thread; each a multiple
  /// of 16 floats.
  private static func parts(layers: [LayerShape], step: TaskShape) -> [Int] {
    let widest = layers.map { paddedChannels($0.outputChannels) }.reduce(1, max)
    let patch = step.patch.width * step.patch.height * widest
    let parts = [
      patch, patch, columnOffsets(layers: layers, step: step).reduce(0, max), step.width * step.height,
      step.threadsTogether * scratchCount(layers),
    ]
    return parts.map { ($0 + 15) & ~15 }
  }

  /// Where each layer's carried columns begin, and their end; none where there is no task to the right.
  private static func columnOffsets(layers: [LayerShape], step: TaskShape) -> [Int] {
    layers.indices.dropLast().reduce(into: [0]) { offsets, index in
      let count =
        step.across.kept(index + 1) * step.patch.height * paddedChannels(layers[index].outputChannels)
      offsets.append(offsets[offsets.count - 1] + count)
    }
  }

  private static func scratchCount(_ layers: [LayerShape]) -> Int {
    (layers.map(\.scratchCount).reduce(0, max) + 15) & ~15
  }

  /// Computes all tasks of the plan one after the other, each by `step.threadsTogether` threads together.
  /// - Precondition: the plan has one chunk: what is handed on to the right is not for several threads.
  /// - Returns: false if `isCancelled` ended it early.
  func computeTogether(
    progress: (@Sendable (_ share: Double) -> Void)?, isCancelled: (@Sendable () -> Bool)?
  ) -> Bool {
    precondition(plan.across.steps.count == 1)
    let (bands, chunk) = (plan.down.steps, plan.across.steps.lowerBound)
    return Lockstep(steps: bands.count * phases, parts: step.threadsTogether).run(
      isCancelled: isCancelled,
      part: { step, part in
        let band = plan.down.range(ofStep: bands.lowerBound + step / phases)
        compute(step % phases, band: band, chunk: chunk, part: part)
      },
      close: { step in
        if step % phases == phases - 1 { progress?(Double(step / phases + 1) / Double(bands.count)) }
      })
  }

  /// What of a task has to be done before anything of the next may begin: its input, then a layer and what is handed on
  /// of it in turns; of the last layer nobody needs anything.
  private var phases: Int { Self.phases(of: layers) }

  static func phases(of layers: [NetworkLayer]) -> Int { 2 * layers.count }

  /// Computes a phase of a task, or one thread's part of it: of the last layer into the sink.
  func compute(_ phase: Int, band: Range<Int>, chunk: Int, part: Int = 0) {
    if phase == 0 {
      fillInput(band: band, chunk: chunk, part: part)
    } else if phase.isMultiple(of: 2) {
      handOn(phase / 2, band: band, chunk: chunk, part: part)
    } else {
      compute(layer: (phase + 1) / 2, band: band, chunk: chunk, part: part)
    }
  }

  /// Computes one thread's part of a layer of a task, of the last one into the sink.
  private func compute(layer: Int, band: Range<Int>, chunk: Int, part: Int) {
    let rows = plan.down.range(layer: layer, in: band)
    let columns = plan.across.range(layer: layer, in: plan.across.range(ofStep: chunk))
    let block = layers[layer - 1].shape.block
    for (rows, columns) in step.shares(of: rows, columns, block: block, part: part) {
      convolve(layer, rows, columns, band: band, chunk: chunk, scratch: scratch + part * scratchCount)
      if layer == layers.count { emit(rows, columns, band: band, chunk: chunk) }
    }
  }

  // MARK: - Steps

  private func patch(layer: Int, band: Range<Int>) -> ActivationPatch {
    ActivationPatch(
      base: layer.isMultiple(of: 2) ? patches.0 : patches.1,
      pixelStride: layer == 0 ? 1 : paddedChannels(layers[layer - 1].outputChannels),
      width: step.patch.width, height: before.rows + band.count + step.down.margins.after)
  }

  /// The columns of a patch that are one thread's to complete.
  private func columns(ofPart part: Int) -> Range<Int> {
    let own = step.columns(ofPart: part)
    let isLast = part == step.threadsTogether - 1
    return own.lowerBound + before.columns..<(isLast ? step.patch.width : own.upperBound + before.columns)
  }

  /// The input under the whole patch, zero outside of the picture.
  private func fillInput(band: Range<Int>, chunk: Int, part: Int) {
    let patch = patch(layer: 0, band: band)
    let left = plan.across.start(ofStep: chunk) - before.columns
    let top = band.lowerBound - before.rows
    let share = columns(ofPart: part)
    let own = (part == 0 ? 0 : share.lowerBound)..<share.upperBound
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
    _ layer: Int, _ rows: Range<Int>, _ columns: Range<Int>, band: Range<Int>, chunk: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (from, to) = (patch(layer: layer - 1, band: band), patch(layer: layer, band: band))
    let row = rows.lowerBound - band.lowerBound
    let column = columns.lowerBound - plan.across.start(ofStep: chunk)
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: 2 * rows.count + 2) { pointers in
      withUnsafeTemporaryAllocation(
        of: UnsafeMutablePointer<Float>.self, capacity: rows.count
      ) { outputs in
        let middle = (
          row: before.rows + row + plan.down.shifts.middle(ofNextAfter: layer - 1),
          column: before.columns + column + plan.across.shifts.middle(ofNextAfter: layer - 1)
        )
        for i in 0..<rows.count + 2 {
          pointers[i] = UnsafePointer(from.pixel(middle.row - 1 + i, middle.column))
        }
        for i in 0..<rows.count { outputs[i] = to.pixel(before.rows + row + i, before.columns + column) }
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
  private func handOn(_ layer: Int, band: Range<Int>, chunk: Int, part: Int) {
    let patch = patch(layer: layer, band: band)
    let fromAbove = carriedRows.rows(layer: layer, chunk: chunk)
    let fromLeft = ActivationPatch(
      base: carriedColumns + columnOffsets[layer - 1], pixelStride: patch.pixelStride,
      width: plan.across.shifts.kept(layer), height: patch.height)
    let top = band.lowerBound - before.rows
    let left = plan.across.start(ofStep: chunk) - before.columns
    let insideRows = plan.down.inside(layer: layer)
    let insideColumns = plan.across.inside(layer: layer)
    let own = columns(ofPart: part)
    patch.clearOutside(
      rows: before.rows..<patch.height, columns: own,
      insideRows: insideRows.lowerBound - top..<insideRows.upperBound - top,
      insideColumns: insideColumns.lowerBound - left..<insideColumns.upperBound - left)

    let above = before.rows - plan.down.shifts.behind(layer)..<before.rows
    let share = step.columns(ofPart: part)
    let shared = share.lowerBound + before.columns..<share.upperBound + before.columns
    if band.lowerBound <= plan.down.starts[1] {
      patch.clear(rows: above, columns: own)
    } else {
      patch.copy(rows: above, columns: shared, from: fromAbove, sourceRow: 0, sourceColumn: share.lowerBound)
      patch.clear(rows: above, columns: shared.upperBound..<own.upperBound)
    }
    if part == 0 {
      let rows = above.lowerBound..<patch.height
      let columns = before.columns - plan.across.shifts.behind(layer)..<before.columns
      if chunk == plan.across.steps.lowerBound {
        patch.clear(rows: rows, columns: columns)
      } else {
        patch.copy(rows: rows, columns: columns, from: fromLeft, sourceRow: rows.lowerBound, sourceColumn: 0)
      }
    }

    if band.upperBound < plan.down.end {
      fromAbove.copy(
        rows: 0..<fromAbove.height, columns: share, from: patch,
        sourceRow: before.rows + band.count - fromAbove.height, sourceColumn: shared.lowerBound)
    }
    if chunk + 1 < plan.across.steps.upperBound {
      fromLeft.copy(
        rows: 0..<patch.height, columns: 0..<fromLeft.width, from: patch, sourceRow: 0,
        sourceColumn: before.columns + step.width - fromLeft.width)
    }
  }

  private func emit(_ rows: Range<Int>, _ columns: Range<Int>, band: Range<Int>, chunk: Int) {
    let patch = patch(layer: layers.count, band: band)
    let first = patch.pixel(
      before.rows + rows.lowerBound - band.lowerBound,
      before.columns + columns.lowerBound - plan.across.start(ofStep: chunk))
    check.look(at: first, rows: rows.count, columns: columns.count, stride: patch.width)
    sink(pictureRect(rows, columns, layer: layers.count), first, patch.width)
  }

  private func pictureRect(_ rows: Range<Int>, _ columns: Range<Int>, layer: Int) -> Rect {
    Rect(
      x: columns.lowerBound - plan.across.shifts[layer], y: rows.lowerBound - plan.down.shifts[layer],
      width: columns.count, height: rows.count)
  }
}
