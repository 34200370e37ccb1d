/// How far a job is and when it will be done, from the work that it has done so far.
///
/// Work is counted in whatever costs time, output pixels for the network, so that the estimate is right from early on
/// whatever the sizes of the files. Times are seconds of a steady clock.
struct ProgressMeter: Sendable {
  let total: Double
  private(set) var done = 0.0
  private var start: Double
  /// Work found done already, in no time: it says nothing about the speed.
  private var skipped = 0.0

  /// Seconds after which whatever was done is judged by.
  static let patience = 10.0

  init(total: Double, at time: Double) {
    self.total = total
    start = time
  }

  /// Sets the work done so far; it never goes back.
  mutating func update(done: Double) {
    self.done = max(self.done, min(done, total))
  }

  /// Counts work that need not be done.
  mutating func skip(_ work: Double) {
    skipped += work
    done = min(done + work, total)
  }

  var fraction: Double { total > 0 ? done / total : 1 }

  /// Work a second; nil until there is any to judge by.
  func rate(at time: Double) -> Double? {
    let worked = done - skipped
    return worked > 0 && time > start ? worked / (time - start) : nil
  }

  /// Seconds to the end; nil until there is something to judge by: the first tile comes after all of the start-up and
  /// would promise days.
  func remaining(at time: Double) -> Double? {
    if done >= total { return 0 }
    guard done - skipped >= 0.01 * (total - skipped) || time - start >= Self.patience else { return nil }
    return rate(at: time).map { (total - done) / $0 }
  }
}

/// `0:42`, `3:05`, `1:02:30`.
func clock(_ seconds: Double) -> String {
  let whole = Int(min(seconds, 359_999).rounded())
  func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  let (hours, minutes) = (whole / 3600, whole / 60 % 60)
  return hours > 0 ? "\(hours):\(pad(minutes)):\(pad(whole % 60))" : "\(minutes):\(pad(whole % 60))"
}
