import Microkernel

extension Kernels {
  /// The most floating-point operations a second that the calling thread reaches with this instruction set: a
  /// multiply-add in each lane counts two. What the kernels are measured against.
  ///
  /// Runs independent chains of multiply-adds in registers for about `seconds`, and takes the best stretch of about a
  /// millisecond, the others having been disturbed.
  package func measurePeak(seconds: Double = 0.2) -> Double {
    let rounds = 100_000
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var best = Duration.seconds(1_000)
    var sum: Float = 0
    repeat {
      best = min(best, clock.measure { sum += table.multiplyAddChains(rounds) })
    } while clock.now < end
    // Never so, but the compiler does not know.
    precondition(sum > 0)
    return Double(table.chainOperations) * Double(rounds) / (best / .seconds(1))
  }
}
