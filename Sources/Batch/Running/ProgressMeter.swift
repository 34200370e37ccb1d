/// How far a job is and when it will be done, from the work that it has done so far.
///
/// Work is counted in whatever costs time, output pixels for the network, so that the estimate is right from early on
/// whatever the sizes of the files. Times are seconds of a steady clock.
package struct ProgressMeter: Sendable, Equatable {
  package let total: Double
  package private(set) var done = 0.0
  private var start: Double
  /// Work found done already, in no time: it says nothing about the speed.
  private var skipped = 0.0

  /// Seconds after which whatever was done is judged by.
  static let patience = 10.0

  package init(total: Double, at time: Double) {
    self.total = total
    start = time
  }

  /// Sets the work done so far; it never goes back.
  package mutating func update(done: Double) {
    self.done = max(self.done, min(done, total))
  }

  /// Counts work that need not be done.
  package mutating func skip(_ work: Double) {
    skipped += work
    done = min(done + work, total)
  }

  package var fraction: Double { total > 0 ? done / total : 1 }

  /// Work a second; nil until there is any to judge by.
  package func rate(at time: Double) -> Double? {
    let worked = done - skipped
    return worked > 0 && time > start ? worked / (time - start) : nil
  }

  /// Seconds to the end; nil until there is something to judge by: the first tile comes after all of the start-up and
  /// would promise days.
  package func remaining(at time: Double) -> Double? {
    if done >= total { return 0 }
    guard done - skipped >= 0.01 * (total - skipped) || time - start >= Self.patience else { return nil }
    return rate(at: time).map { (total - done) / $0 }
  }
}
