import Pixels

/// What a task computes of every layer: a rectangle in u, as far shifted in the picture as the layer is; and by how many
/// threads it is computed.
struct TaskShape: Sendable {
  /// Columns, a multiple of every block length (1, 4 and 6).
  let width: Int
  /// Rows, likewise.
  let height: Int
  /// Of the layers, along a row.
  let across: LayerShifts
  /// Likewise down a column.
  let down: LayerShifts
  /// 1: every thread has tasks of its own, see `Wavefront`. More: these compute a task together, each its part of every
  /// layer, see `Lockstep`.
  let threadsTogether: Int

  /// Columns that a thread of its own computes at a time.
  static let longest = 96

  /// Large enough that a layer's weights are read from the second cache level for many pixels, small enough that two
  /// layers' activations stay near; chunks of about the same width.
  ///
  /// - Parameters:
  ///   - size: the picture's.
  ///   - blocks: the block length of every layer, the input's (1) first.
  init(for size: Size, blocks: [Int]) {
    (width, across) = Self.steps(size.width, blocks: blocks, atMost: Self.longest)
    height = 36
    down = LayerShifts(length: size.height, blocks: blocks, isCut: true)
    threadsTogether = 1
  }

  /// All threads together on tasks of the picture's whole width; nil where it is so wide that there are bands enough for all,
  /// which costs less waiting and suffers less from other programs on the machine.
  ///
  /// A task is as high as keeps its activations near, for all threads wait for each other at the end of every layer.
  init?(together size: Size, blocks: [Int], threads: Int) {
    guard size.width + blocks.count - 1 < Self.longest * threads else { return nil }
    across = LayerShifts(length: size.width, blocks: blocks, isCut: false)
    width = Self.whole(size.width + across.total)
    (height, down) = Self.steps(size.height, blocks: blocks, atMost: max(36, (1 << 13) / width / 12 * 12))
    threadsTogether = threads
  }

  /// Steps of about the same length along a dimension, a single one if it is not longer than `limit`.
  private static func steps(_ length: Int, blocks: [Int], atMost limit: Int) -> (Int, LayerShifts) {
    let alone = LayerShifts(length: length, blocks: blocks, isCut: false)
    let whole = whole(length + alone.total)
    if whole <= limit { return (whole, alone) }
    let shifts = LayerShifts(length: length, blocks: blocks, isCut: true)
    let extent = length + shifts.total
    let count = (extent + limit - 1) / limit
    return (Self.whole((extent + count - 1) / count), shifts)
  }

  /// Columns and rows of a task's activations with what its neighbours have left for it, and what lies behind the picture.
  var patch: Size {
    Size(
      width: across.margins.before + width + across.margins.after,
      height: down.margins.before + height + down.margins.after)
  }

  private static func whole(_ length: Int) -> Int { (length + 11) / 12 * 12 }

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
