import Pixels

/// How a picture is cut into tasks, and the memory that this takes.
///
/// A task is a step down (a band of rows) by a step across (a chunk of columns), computed through all layers while its
/// activations are in the cache. Tasks hand on what their neighbours need: the last two columns of every layer to the
/// right, the last two rows down. So memory grows with the width of a tile, not with the picture's area.
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
  ///   - layers: the network's.
  ///   - step: the extent of a task.
  ///   - threads: that share the bands.
  ///   - haloShortfall: columns of the halo to leave out at a cut: only to show that the halo is needed.
  init(
    size: Size, columns: Range<Int>, layers: [NetworkLayer], step: TaskSize, threads: Int,
    haloShortfall: Int = 0
  ) {
    let blocks = [1] + layers.map(\.block)
    self.columns = columns
    across = SkewedAxis(length: size.width, output: columns, blocks: blocks, step: step.width)
    down = SkewedAxis(
      length: size.height, blocks: blocks, step: step.height, sharedBy: step.threadsTogether > 1 ? 1 : threads
    )
    let lower = columns.lowerBound == 0 ? 0 : across.starts[0] + haloShortfall
    let upper = columns.upperBound == size.width ? size.width : across.ends[0] - haloShortfall
    inputColumns = lower..<max(lower, upper)
  }

  var taskCount: Int { across.steps.count * down.steps.count }
}

/// The extent of a task in pixels, multiples of every block length (1, 4 and 6), and by how many threads it is computed.
struct TaskSize: Sendable, Equatable {
  var width: Int
  var height: Int
  /// 1: every thread has tasks of its own, see `Wavefront`. More: these compute a task together, each its part of every
  /// layer, see `Lockstep`.
  var threadsTogether = 1

  /// Large enough that a layer's weights are read from the second cache level for many pixels, small enough that two
  /// layers' activations stay near; chunks of about the same width.
  init(for size: Size, layers: Int) {
    let extent = size.width + layers
    let chunks = (extent + 95) / 96
    width = (extent + 12 * chunks - 1) / (12 * chunks) * 12
    height = 36
  }

  /// All threads together on tasks of the picture's whole width; nil where it is so wide that there are bands enough for all,
  /// which costs less waiting and suffers less from other programs on the machine.
  ///
  /// A task is as high as keeps its activations near, for all threads wait for each other at the end of every layer.
  init?(together size: Size, layers: Int, threads: Int) {
    let extent = size.width + layers
    guard extent / 48 < 2 * threads else { return nil }
    width = (extent + 11) / 12 * 12
    let rows = (size.height + layers + 11) / 12 * 12
    height = min(rows, max(36, (1 << 13) / width / 12 * 12))
    threadsTogether = threads
  }

  /// One thread's share of a task's columns.
  func columns(ofPart part: Int) -> Range<Int> {
    width * part / threadsTogether..<width * (part + 1) / threadsTogether
  }

  /// What of a layer's rows and columns in a task falls to one of the threads that compute it together: its share of the
  /// rows, and of those that are left over its share of the columns, both in whole blocks.
  func shares(of rows: Range<Int>, _ columns: Range<Int>, block: Int, part: Int) -> [(Range<Int>, Range<Int>)]
  {
    let each = rows.count / block / threadsTogether * block
    let own = rows.lowerBound + part * each
    let rest = rows.lowerBound + threadsTogether * each..<rows.upperBound
    let blocks = columns.count / block
    let left = columns.lowerBound + blocks * part / threadsTogether * block
    let right = columns.lowerBound + blocks * (part + 1) / threadsTogether * block
    return [(own..<own + each, columns), (rest, left..<right)].filter { !$0.isEmpty && !$1.isEmpty }
  }
}

extension NetworkPlan {
  /// Bytes of working memory: what is handed down, for each tile column, and what each thread has for itself, or all
  /// together. No more threads run at a time than there are cores.
  static func memory(columns: Int, layers: [NetworkLayer], step: TaskSize, threads: Int) -> Int {
    // In u a tile is wider than its columns: by one for each layer, and by the halo to its left, where a layer begins two
    // before the next and then, at the worst, five more for a whole Winograd tile. And steps are cut at either end.
    let chunks = (columns + 8 * layers.count) / step.width + 2
    return 4
      * (chunks * CarriedRows.floats(layers: layers, step: step)
        + (step.threadsTogether > 1 ? 1 : min(threads, coreCount()))
          * TaskWorker.floats(layers: layers, step: step))
  }
}
