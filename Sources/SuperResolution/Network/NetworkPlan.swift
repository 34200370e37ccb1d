import Pixels

/// How a picture is cut into tasks, and the memory that this takes.
///
/// A task is a step down (a band of rows) by a step across (a chunk of columns), computed through all layers while its
/// activations are in the cache. Tasks hand on what their neighbours need: the last columns of every layer to the right, the
/// last rows down. So memory grows with the width of a tile, not with the picture's area.
struct NetworkPlan: Sendable {
  /// What of the picture is wanted: all rows of these columns.
  let columns: Range<Int>
  let across: SkewedAxis
  let down: SkewedAxis
  /// The input's columns that are read. All others are taken for zero: right outside the picture, and a mistake inside.
  let inputColumns: Range<Int>

  /// - Parameters:
  ///   - size: the picture's.
  ///   - columns: what is wanted of it.
  ///   - blocks: the block length of every layer, the input's (1) first.
  ///   - step: a task.
  ///   - haloShortfall: columns of the halo to leave out at a cut: only to show that the halo is needed.
  init(
    size: Size, columns: Range<Int>, blocks: [Int], step: TaskShape, haloShortfall: Int = 0
  ) {
    self.columns = columns
    across = SkewedAxis(
      length: size.width, output: columns, blocks: blocks, shifts: step.across, step: step.width)
    down = SkewedAxis(
      length: size.height, output: 0..<size.height, blocks: blocks, shifts: step.down, step: step.height)
    let lower = columns.lowerBound == 0 ? 0 : across.starts[0] + haloShortfall
    let upper = columns.upperBound == size.width ? size.width : across.ends[0] - haloShortfall
    inputColumns = lower..<max(lower, upper)
  }
}

extension NetworkPlan {
  /// Bytes of working memory: what is handed down, for each tile column, and what each thread has for itself, or all
  /// together. No more threads run at a time than there are cores.
  static func memory(columns: Int, layers: [LayerShape], step: TaskShape, threads: Int) -> Int {
    // In u a tile is wider than its columns: by what the layers are shifted, and by the halo to its left, where a layer begins
    // two before the next and then, at the worst, five more for a whole Winograd tile. And steps are cut at either end.
    let chunks =
      step.across.isCut ? (columns + step.across.total + 7 * layers.count) / step.width + 2 : 1
    return 4
      * (chunks * CarriedRows.floats(layers: layers, step: step)
        + (step.threadsTogether > 1 ? 1 : min(threads, coreCount()))
          * TaskWorker.floats(layers: layers, step: step))
  }
}
