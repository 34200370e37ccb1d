import Foundation

/// The seconds of several runs of the same work.
struct Timing: Sendable {
  /// In the order of the runs.
  private(set) var seconds: [Double] = []

  mutating func add(_ seconds: Double) {
    self.seconds.append(seconds)
  }

  var min: Double { quantile(0) }
  var median: Double {
    let sorted = seconds.sorted()
    let middle = sorted.count / 2
    if sorted.isEmpty { return .nan }
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
  /// The least time that 95 % of the runs do not exceed.
  var p95: Double { quantile(0.95) }

  private func quantile(_ part: Double) -> Double {
    let sorted = seconds.sorted()
    if sorted.isEmpty { return .nan }
    return sorted[
      Swift.max(0, Swift.min(sorted.count - 1, Int((part * Double(sorted.count)).rounded(.up)) - 1))]
  }

  /// Times `body` so many times, or for about two seconds, three to 500 times. Once before that it runs untimed.
  static func measure(repeats: Int?, _ body: () throws -> Void) rethrows -> Timing {
    try body()
    var timing = Timing()
    var total = 0.0
    while wantsMore(than: timing.seconds.count, total, repeats) {
      let seconds = try Self.time(body)
      timing.add(seconds)
      total += seconds
    }
    return timing
  }

  /// Whether another run is to follow so many that have taken `seconds` together.
  static func wantsMore(than runs: Int, _ seconds: Double, _ repeats: Int?) -> Bool {
    repeats.map { runs < $0 } ?? (runs < 3 || seconds < 2 && runs < 500)
  }

  /// The seconds that `body` takes.
  static func time(_ body: () throws -> Void) rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    try body()
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
  }

  /// `min 41.2 ms, median 41.4 ms, p95 42.0 ms (24 runs)`.
  var text: String {
    let runs = seconds.count == 1 ? "1 run" : "\(seconds.count) runs"
    return "min \(Self.text(min)), median \(Self.text(median)), p95 \(Self.text(p95)) (\(runs))"
  }

  static func text(_ seconds: Double) -> String {
    switch seconds {
    case 1...: "\(Text.fixed(seconds, 3)) s"
    case 0.001...: "\(Text.fixed(seconds * 1e3, 2)) ms"
    default: "\(Text.fixed(seconds * 1e6, 1)) us"
    }
  }
}

extension Timing: Encodable {
  enum CodingKeys: String, CodingKey {
    case seconds
    case min
    case median
    case p95
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(min, forKey: .min)
    try container.encode(median, forKey: .median)
    try container.encode(p95, forKey: .p95)
  }
}
