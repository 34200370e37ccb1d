import Testing

@testable import SuperResolution

@Suite("Bands") struct BandsTests {
  private static let blocks = [1, 1] + [Int](repeating: 6, count: 18) + [1]

  private static func bands(length: Int, threads: Int, blocks: [Int] = blocks) -> Bands {
    let axis = SkewedAxis(
      length: length, output: 0..<length, blocks: blocks,
      shifts: LayerShifts(length: length, blocks: blocks, isCut: true), step: 36)
    return Bands(of: axis, blocks: blocks, tallest: 36, threads: threads)
  }

  /// The bands that threads take which begin at these times and work at these speeds, and when each thread ends.
  private static func take(
    _ bands: Bands, starts: [Double], speeds: [Double]
  ) -> (taken: [Range<Int>], ends: [Double]) {
    var ends = starts
    var taken: [Range<Int>] = []
    var work = [Double](repeating: 0, count: starts.count)
    while taken.last?.upperBound != bands.rows.upperBound {
      let thread = ends.indices.min { ends[$0] < ends[$1] } ?? 0
      let now = ends[thread]
      // What the others still have of what they took.
      let underWay = ends.indices.reduce(0) { $0 + min(work[$1], (ends[$1] - now) * speeds[$1]) }
      let band = bands.next(from: taken.last?.upperBound ?? bands.rows.lowerBound, underWay: underWay)
      work[thread] = Double(bands.work(in: band))
      ends[thread] += work[thread] / speeds[thread]
      taken.append(band)
    }
    return (taken, ends)
  }

  @Test("Bands are whole blocks, no higher than a task, and lie side by side", arguments: [1, 4, 6])
  func cover(_ block: Int) {
    let blocks = [1, 1] + [Int](repeating: block, count: 18) + [1]
    for length in [97, 256, 511, 1080] {
      for threads in [1, 2, 5, 64] {
        let bands = Self.bands(length: length, threads: threads, blocks: blocks)
        let one = [Double](repeating: 1, count: threads)
        let taken = Self.take(bands, starts: one, speeds: one).taken
        #expect(taken.first?.lowerBound == bands.rows.lowerBound)
        #expect(zip(taken, taken.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        #expect(taken.allSatisfy { 1...36 ~= $0.count && $0.count.isMultiple(of: block) })
        let work = taken.reduce(0) { $0 + bands.work(in: $1) }
        #expect(work >= 20 * length && work < 20 * (length + 6))
        if threads == 1 { #expect(taken.dropLast().allSatisfy { $0.count == 36 }) }
      }
    }
  }

  @Test("The busiest of two threads has at most 2 % more than its share", arguments: [256, 384, 512, 1080])
  func sharing(_ length: Int) {
    let bands = Self.bands(length: length, threads: 2)
    let ends = Self.take(bands, starts: [0, 0], speeds: [1, 1]).ends
    #expect(max(ends[0], ends[1]) <= 1.02 * (ends[0] + ends[1]) / 2, "\(ends)")
  }

  @Test("A thread that begins late or is slower costs no more than its share and half a block of rows")
  func heldUp() {
    for length in [512, 1080] {
      let block = Double(6 * 20)
      for threads in [2, 3] {
        let bands = Self.bands(length: length, threads: threads)
        for late in stride(from: 0.0, through: 36 * 20, by: 50) {
          var starts = [Double](repeating: 0, count: threads)
          starts[1] = late
          let speeds = [Double](repeating: 1, count: threads)
          let ends = Self.take(bands, starts: starts, speeds: speeds).ends
          let mean = ends.reduce(0, +) / Double(threads)
          #expect((ends.max() ?? 0) - mean <= block / 2, "\(length) rows, late by \(late): \(ends)")
        }
      }
      let bands = Self.bands(length: length, threads: 2)
      for slow in [0.5, 0.7, 0.9] {
        let ends = Self.take(bands, starts: [0, 0], speeds: [1, slow]).ends
        #expect(abs(ends[0] - ends[1]) <= 2 * block / slow, "\(length) rows at \(slow): \(ends)")
      }
    }
  }
}
