extension SkewedAxis {
  /// An axis cut for threads that take its steps in turn, each the next one that is left: its origin is where the last of
  /// them ends soonest.
  ///
  /// The first and the last step are shorter than the others, and where the number of steps does not divide by the threads,
  /// some have a step more. The origin decides how long these two are, and so who has how much.
  /// - Complexity: O(steps * (threads + layers)) for each of at most `step` origins.
  init(length: Int, blocks: [Int], shifts: LayerShifts, step: Int, sharedBy threads: Int) {
    let output = 0..<length
    func axis(origin: Int) -> SkewedAxis {
      SkewedAxis(
        length: length, output: output, blocks: blocks, shifts: shifts, step: step, origin: origin)
    }
    var best = axis(origin: 0)
    if threads > 1 {
      let block = blocks.reduce(1, max)
      var least = best.longestShare(of: threads)
      for origin in stride(from: -block, to: -step, by: -block) {
        let axis = axis(origin: origin)
        let longest = axis.longestShare(of: threads)
        if longest < least { (best, least) = (axis, longest) }
      }
    }
    self = best
  }

  /// Positions, of all layers together, that the busiest of the threads computes.
  private func longestShare(of threads: Int) -> Int {
    var shares = [Int](repeating: 0, count: threads)
    for index in steps {
      let next = shares.indices.min { shares[$0] < shares[$1] } ?? 0
      shares[next] += (1..<starts.count).reduce(0) { $0 + range(layer: $1, step: index).count }
    }
    return shares.reduce(0, max)
  }
}
