/// How the rows of a picture are cut into bands by the threads that compute them, each when it takes one: as high as a task
/// may be, and towards the end only so high that all threads end together, whatever has held one of them up.
///
/// (Guided self-scheduling: Polychronopoulos and Kuck, IEEE Transactions on Computers C-36, 1987; here with what is left of the
/// bands under way.)
struct Bands: Sendable {
  /// All rows, in u, of all layers.
  let rows: Range<Int>
  private let tallest: Int
  private let threads: Int
  /// Bands are whole blocks of every layer.
  private let block: Int
  /// Of the first band, which also keeps threads that begin together apart.
  private var first: Int
  /// Rows of all layers together before `rows.lowerBound + block * index`.
  private let work: [Int]

  /// - Parameters:
  ///   - axis: down the picture.
  ///   - blocks: the block length of every layer.
  ///   - tallest: rows of the highest band, a multiple of every block length.
  ///   - threads: that take bands.
  /// - Complexity: O(length * layers / block + length * threads / block).
  init(of axis: SkewedAxis, blocks: [Int], tallest: Int, threads: Int) {
    let block = [6, 4, 12].first { length in blocks.allSatisfy { length.isMultiple(of: $0) } } ?? tallest
    let start = SkewedAxis.alignDown(axis.starts[1], block)
    let end = SkewedAxis.alignUp(axis.end, block)
    rows = start..<end
    work = stride(from: start, through: end, by: block).map { u in
      (1..<blocks.count).reduce(0) { $0 + max(0, min(u, axis.ends[$1]) - axis.starts[$1]) }
    }
    (self.tallest, self.threads, self.block) = (tallest, threads, block)
    first = tallest
    guard threads > 1 else { return }
    var least = Double.infinity
    for height in stride(from: block, through: tallest, by: block) {
      var bands = self
      bands.first = height
      let span = bands.span()
      if span < least { (first, least) = (height, span) }
    }
  }

  /// Rows of all layers together in a band.
  func work(in band: Range<Int>) -> Int {
    work[(band.upperBound - rows.lowerBound) / block] - work[(band.lowerBound - rows.lowerBound) / block]
  }

  /// The next band: from where the one before it ends, by how much work is left of all that are under way.
  func next(from start: Int, underWay: Double) -> Range<Int> {
    var end = min(start + (start == rows.lowerBound ? first : tallest), rows.upperBound)
    if start > rows.lowerBound {
      let share = (Double(work(in: start..<rows.upperBound)) + underWay) / Double(threads)
      // What is nearest to it.
      while end - block > start, Double(work(in: start..<end) + work(in: start..<end - block)) > 2 * share {
        end -= block
      }
    }
    return start..<end
  }

  /// When the last thread ends if nothing holds any of them up.
  private func span() -> Double {
    var ends = [Double](repeating: 0, count: threads)
    var start = rows.lowerBound
    while start < rows.upperBound {
      let thread = ends.indices.min { ends[$0] < ends[$1] } ?? 0
      let now = ends[thread]
      let band = next(from: start, underWay: ends.reduce(0) { $0 + $1 - now })
      ends[thread] += Double(work(in: band))
      start = band.upperBound
    }
    return ends.reduce(0, max)
  }
}
