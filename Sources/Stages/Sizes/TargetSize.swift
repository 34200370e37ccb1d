public import Pixels

/// How large a picture is to become: the one place where factors, widths and boxes turn into pixels.
///
/// Rounding: a side is the exact product of the input's side and the factor, rounded to the nearest whole number,
/// halves up, and at least 1. For `width`, `height` and `fit` the product is exact in whole numbers; a `scale` is
/// taken as the decimal that the user typed, so that 1.005 of 100 pixels is 101 although the nearest binary fraction
/// lies below. Both sides are rounded independently, so the aspect ratio holds to half a pixel.
public enum TargetSize: Sendable, Hashable {
  /// Both sides times a factor.
  case scale(Double)
  /// This wide, and as tall as the aspect ratio says.
  case width(Int)
  /// This tall, and as wide as the aspect ratio says.
  case height(Int)
  /// The largest size of the same aspect ratio inside a box: one side is the box's, unless the picture would have to
  /// grow more than the factors allow; then it grows as much as they do.
  case fit(Size)
  /// The largest size of the same aspect ratio of at most so many million pixels, and no more than the factors allow.
  case megapixels(Double)
  /// Just this size, whatever becomes of the aspect ratio.
  case exact(Size)

  /// The factors that `upscale` takes, per side.
  public static var upscaling: ClosedRange<Double> { 1...8 }

  /// The millions of pixels that can be asked for.
  public static var megapixelRange: ClosedRange<Double> { 0.001...1_000_000 }

  /// Sides are at most this many pixels, of inputs and outputs alike.
  public static var largestSide: Int { 1_000_000 }

  /// What a user asked for: exactly one of a factor, a width, a height, a box, a number of megapixels, or a width and a
  /// height together, which is `exact`.
  ///
  /// - Throws: `TargetSizeError.unclear` if nothing or too much is given, `.outOfRange` for a side that is not in
  ///   1...`largestSide`, a factor not in `factors` or megapixels not in `megapixelRange`.
  public init(
    scale: Double? = nil, width: Int? = nil, height: Int? = nil, fit: Size? = nil,
    megapixels: Double? = nil,
    factors: ClosedRange<Double> = TargetSize.upscaling
  ) throws(TargetSizeError) {
    switch (scale, width, height, fit, megapixels) {
    case (let scale?, nil, nil, nil, nil): self = .scale(scale)
    case (nil, let width?, nil, nil, nil): self = .width(width)
    case (nil, nil, let height?, nil, nil): self = .height(height)
    case (nil, nil, nil, let fit?, nil): self = .fit(fit)
    case (nil, nil, nil, nil, let megapixels?): self = .megapixels(megapixels)
    case (nil, let width?, let height?, nil, nil): self = .exact(Size(width: width, height: height))
    case (nil, nil, nil, nil, nil): throw .unclear(isMissing: true)
    default: throw .unclear(isMissing: false)
    }
    if case .scale(let scale) = self, !factors.contains(scale) {
      throw .outOfRange("scale \(short(scale))", allowed: Self.text(factors))
    }
    try check()
  }

  /// The size of the output for an input of `input` pixels.
  ///
  /// `factors` limits the output's sides over the input's, with what rounding makes of the limits.
  /// - Throws: `TargetSizeError.beyond` if a side would shrink or grow more than `factors` allows or exceed
  ///   `largestSide`; `.outOfRange` if a side of the target itself is impossible.
  /// - Complexity: O(1)
  public func size(
    for input: Size, factors: ClosedRange<Double> = TargetSize.upscaling
  ) throws(TargetSizeError) -> Size {
    try check()
    let possible = 1...Self.largestSide
    guard possible.contains(input.width), possible.contains(input.height) else {
      throw .beyond(input: input, target: input, allowed: "sides of 1 to \(Self.largestSide) pixels")
    }
    let target =
      switch self {
      case .scale(let scale):
        Size(width: Self.side(input.width, times: scale), height: Self.side(input.height, times: scale))
      case .width(let width):
        Size(width: width, height: Self.side(input.height, times: width, over: input.width))
      case .height(let height):
        Size(width: Self.side(input.width, times: height, over: input.height), height: height)
      case .fit(let box):
        Self.fit(input, in: box, atMost: factors.upperBound)
      case .megapixels(let count):
        Self.largest(input, pixels: Int((count * 1e6).rounded()), atMost: factors.upperBound)
      case .exact(let size): size
      }
    for (length, side) in [(input.width, target.width), (input.height, target.height)] {
      guard possible.contains(side) else {
        throw .beyond(input: input, target: target, allowed: "sides of 1 to \(Self.largestSide) pixels")
      }
      let low = Self.side(length, times: factors.lowerBound)
      let high = Self.side(length, times: factors.upperBound)
      guard (low...high).contains(side) else {
        throw .beyond(input: input, target: target, allowed: "\(Self.text(factors)) times the input")
      }
    }
    return target
  }

  private static func fit(_ input: Size, in box: Size, atMost factor: Double) -> Size {
    let largest = Size(width: side(input.width, times: factor), height: side(input.height, times: factor))
    if largest.width <= box.width, largest.height <= box.height { return largest }
    return box.width * input.height <= box.height * input.width
      ? Size(width: box.width, height: side(input.height, times: box.width, over: input.width))
      : Size(width: side(input.width, times: box.height, over: input.height), height: box.height)
  }

  /// Found by the longer side, from which the other one follows: the more, the more pixels.
  private static func largest(_ input: Size, pixels: Int, atMost factor: Double) -> Size {
    let isWide = input.width >= input.height
    let (long, other) = isWide ? (input.width, input.height) : (input.height, input.width)
    func size(_ side: Int) -> Size {
      let follows = Self.side(other, times: side, over: long)
      return isWide ? Size(width: side, height: follows) : Size(width: follows, height: side)
    }
    var (low, high) = (1, min(side(long, times: factor), largestSide))
    while low < high {
      let middle = (low + high + 1) / 2
      let found = size(middle)
      if found.width * found.height <= pixels { low = middle } else { high = middle - 1 }
    }
    return size(low)
  }

  private func check() throws(TargetSizeError) {
    if case .megapixels(let count) = self, !Self.megapixelRange.contains(count) {
      throw .outOfRange("megapixels \(short(count))", allowed: Self.text(Self.megapixelRange))
    }
    for (name, side) in sides where !(1...Self.largestSide).contains(side) {
      throw .outOfRange("\(name) \(side)", allowed: "1 to \(Self.largestSide) pixels")
    }
  }

  private var sides: [(name: String, length: Int)] {
    switch self {
    case .scale, .megapixels: []
    case .width(let width): [("width", width)]
    case .height(let height): [("height", height)]
    case .fit(let size), .exact(let size): [("width", size.width), ("height", size.height)]
    }
  }

  /// `length * factor` rounded; a product within a millionth of a half counts as a half.
  private static func side(_ length: Int, times factor: Double) -> Int {
    let product = max(0, Double(length) * factor)
    guard product < Double(Int32.max) else { return Int(Int32.max) }
    return max(1, Int((product + 0.5 + 1e-6).rounded(.down)))
  }

  /// `length * numerator / denominator` rounded; all are at most `largestSide`, so nothing overflows.
  private static func side(_ length: Int, times numerator: Int, over denominator: Int) -> Int {
    max(1, (2 * length * numerator + denominator) / (2 * denominator))
  }

  private static func text(_ range: ClosedRange<Double>) -> String {
    "\(short(range.lowerBound)) to \(short(range.upperBound))"
  }
}

/// Why a target size can't be had. The texts name no stage and no file; whoever reports them does.
public enum TargetSizeError: Error, Sendable, Equatable {
  /// None or more than one of the ways to say a size was used.
  case unclear(isMissing: Bool)
  /// A factor or side that no picture could have.
  case outOfRange(_ value: String, allowed: String)
  /// Fine by itself, but not for this picture.
  case beyond(input: Size, target: Size, allowed: String)
}

extension TargetSizeError: CustomStringConvertible {
  /// What is wrong and what is allowed, as a phrase.
  public var description: String {
    switch self {
    case .unclear(true): "a size is missing; give scale, width, height, fit or megapixels"
    case .unclear(false):
      "more than one size is given; give one of scale, width, height, fit and megapixels, or width and height "
        + "together"
    case .outOfRange(let value, let allowed): "\(value) is not allowed; it may be \(allowed)"
    case .beyond(let input, let target, let allowed):
      "\(input.width)x\(input.height) pixels can't become \(target.width)x\(target.height): "
        + "allowed are \(allowed)"
    }
  }
}
