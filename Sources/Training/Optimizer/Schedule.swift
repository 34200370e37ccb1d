import Foundation

/// The learning rate as a function of how much of the training is done.
package enum Schedule: Sendable, Hashable, Codable {
  /// Divided by `factor` every `fraction` of the training: as published, a tenth every 20 of 80 epochs.
  case steps(fraction: Double, factor: Double)
  /// Up in a line, then down to zero in half a cosine.
  case cosine(warmUp: Double)
  /// Up in half a cosine from a 25th until `peak` of the training, then down to a 10,000th (Smith and Topin 2018).
  case oneCycle(peak: Double)
  /// Up in a line, then constant, then down to zero in a line: the end can be put off as long as the rate is constant.
  case constantThenDecay(warmUp: Double, decay: Double)

  /// Why it cannot be; nil if every part of it is defined for all of a run.
  var fault: String? {
    switch self {
    case .steps(let fraction, let factor):
      // A millionth, so that their number is one.
      guard (1e-6...1).contains(fraction) else {
        return "the rate falls every 0.000001 to 1 of a run, not \(fraction)"
      }
      guard factor >= 1, factor.isFinite else { return "the rate is divided by 1 or more, not \(factor)" }
    case .cosine(let share), .oneCycle(let share):
      guard (0..<1).contains(share) else {
        return "the rate rises in 0 to less than 1 of a run, not \(share)"
      }
    case .constantThenDecay(let warmUp, let decay):
      guard (0..<1).contains(warmUp) else {
        return "the rate rises in 0 to less than 1 of a run, not \(warmUp)"
      }
      guard decay > 0, decay <= 1 else { return "the rate falls in more than 0 to 1 of a run, not \(decay)" }
    }
    return nil
  }

  /// By what the recipe's rate is multiplied when `progress`, 0...1, of the run is done.
  package func callAsFunction(_ progress: Double) -> Double {
    let progress = min(max(progress, 0), 1)
    switch self {
    case .steps(let fraction, let factor):
      return 1 / power(factor, Int(progress / fraction))
    case .cosine(let warmUp):
      if progress < warmUp { return progress / warmUp }
      return 0.5 + 0.5 * cos(.pi * (progress - warmUp) / (1 - warmUp))
    case .oneCycle(let peak):
      func between(_ from: Double, _ to: Double, _ part: Double) -> Double {
        to + (from - to) * (0.5 + 0.5 * cos(.pi * part))
      }
      if progress < peak { return between(1 / 25.0, 1, progress / peak) }
      return between(1, 1 / 10_000.0, (progress - peak) / (1 - peak))
    case .constantThenDecay(let warmUp, let decay):
      if progress < warmUp { return progress / warmUp }
      return min(1, (1 - progress) / decay)
    }
  }
}
