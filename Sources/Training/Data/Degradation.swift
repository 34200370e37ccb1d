package import Pixels

/// One way to make a picture worse: a plug-in of the data set.
///
/// Degradations are applied one after the other; whatever size they leave is enlarged to the original by bicubic
/// interpolation, which is what the network gets.
package protocol Degradation: Sendable {
  /// As written in a recipe: `jpeg`.
  static var name: String { get }
  /// What the argument means, for the help.
  static var help: String { get }
  /// What is written behind the `=`.
  init(argument: String) throws(TrainingError)
  /// The variants that a picture becomes: one for each scale, one for a range that is drawn from.
  var variants: [String] { get }
  /// Indices of the variants, each as often as patches are drawn from it compared with the others.
  var draws: [Int] { get }
  /// Sides of a picture must be multiples of these.
  var divisors: [Int] { get }
  /// The picture made worse; luma of 0...255.
  func apply(
    variant: Int, to picture: DoublePlane, random: inout RandomSource
  ) throws(TrainingError) -> DoublePlane
}

extension Degradation {
  package var variants: [String] { [""] }
  package var draws: [Int] { Array(variants.indices) }
  package var divisors: [Int] { [1] }
}

/// Degradations in order: `bicubic=2,3,4` or `blur=0.5-1.2,bicubic=2,noise=0-4,jpeg=40-95`.
package struct DegradationChain: Sendable {
  package static let kinds: [any Degradation.Type] = [
    BicubicReduction.self, GaussianBlur.self, GaussianNoise.self, JPEGCompression.self,
  ]

  package let steps: [any Degradation]
  private static let maximumCombinations = 4_096

  package init(_ steps: [any Degradation]) {
    self.steps = steps
  }

  /// Reads steps such as `bicubic=2,3,4`.
  package init(parsing texts: [String]) throws(TrainingError) {
    var steps: [any Degradation] = []
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let kind = Self.kinds.first(where: { $0.name == parts[0] }) else {
        let known = Self.kinds.map { "\($0.name)=\($0.help)" }.joined(separator: "; ")
        throw .invalid("\"\(text)\" is no degradation; there are: \(known)")
      }
      steps.append(try kind.init(argument: parts[1]))
    }
    if steps.isEmpty { throw .invalid("there is nothing to restore without a degradation") }
    // Every one is kept of every picture, and listed before any is made.
    var combinations = 1
    for step in steps {
      combinations *= step.draws.count
      guard combinations <= Self.maximumCombinations else {
        throw .invalid(
          "\(texts.joined(separator: " ")): has more than \(Self.maximumCombinations) combinations of scales; name fewer"
        )
      }
    }
    self.steps = steps
  }

  /// Names of all combinations of the steps' variants: `x2`, `x3`, `x4`.
  package var variants: [String] {
    let names = steps.reduce([""]) { names, step in names.flatMap { name in step.variants.map { name + $0 } }
    }
    return names.map { $0.isEmpty ? "all" : $0 }
  }

  /// Indices of the combinations, each as often as patches are drawn from it compared with the others.
  package var draws: [Int] {
    steps.reduce([0]) { draws, step in
      draws.flatMap { first in step.draws.map { first * step.variants.count + $0 } }
    }
  }

  /// What both sides of a picture are cropped to a multiple of.
  package var divisor: Int { steps.flatMap(\.divisors).reduce(1) { $0 / gcd($0, $1) * $1 } }

  /// The input that the network gets for a picture, at its own size, 0...255.
  package func input(
    for picture: DoublePlane, variant: Int, random: inout RandomSource
  ) throws(TrainingError) -> [Double] {
    var result = picture
    var rest = variant
    var choices: [Int] = []
    for step in steps.reversed() {
      choices.append(rest % step.variants.count)
      rest /= step.variants.count
    }
    for (step, choice) in zip(steps, choices.reversed()) {
      result = try step.apply(variant: choice, to: result, random: &random)
    }
    return result.size == picture.size ? result.samples : result.resized(to: picture.size).samples
  }
}

private func gcd(_ a: Int, _ b: Int) -> Int { b == 0 ? a : gcd(b, a % b) }

/// `LOW-HIGH`, or one value for both.
struct DegradationRange: Sendable {
  let bounds: ClosedRange<Double>

  init(_ text: String, in allowed: ClosedRange<Double>, of name: String) throws(TrainingError) {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Double($0) }
    guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1], low <= high,
      allowed.contains(low), allowed.contains(high)
    else {
      throw .invalid("\(name)=\(text): give LOW-HIGH within \(allowed.lowerBound) to \(allowed.upperBound)")
    }
    bounds = low...high
  }

  func draw(_ random: inout RandomSource) -> Double {
    bounds.lowerBound + (bounds.upperBound - bounds.lowerBound) * random.uniform()
  }
}
