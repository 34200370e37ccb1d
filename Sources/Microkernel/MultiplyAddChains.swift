extension Architecture {
  /// `rounds` multiply-adds in each lane of each of `C` vectors that never leave their registers, every one dependent on
  /// the one before: with enough chains to hide the latency this is all that the machine can do. Nothing is loaded.
  ///
  /// Returns what the chains end in, so that nobody can leave the work out.
  @inline(always)
  public static func multiplyAddChains<let C: Int>(rounds: Int, _: InlineArray<C, Vector>.Type) -> Float {
    // x <- 1 + x / 2 tends to 2: no overflow, no subnormal numbers. The start differs, so the chains do.
    var chains = InlineArray<C, Vector>(repeating: Vector())
    for c in 0..<C { chains[unchecked: c] = Vector(repeating: Float(c)) }
    let half = Vector(repeating: 0.5)
    let one = Vector(repeating: 1)
    var round = 0
    while round < rounds {
      for c in 0..<C { chains[unchecked: c] = multiplyAdd(one, chains[unchecked: c], half) }
      round &+= 1
    }
    var sum = Vector()
    for c in 0..<C { sum += chains[unchecked: c] }
    return total(sum)
  }
}
