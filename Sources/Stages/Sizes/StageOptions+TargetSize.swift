import Pixels

extension StageOption {
  /// The ways to say a target size, with the factors that the stage takes.
  static func targetSize(factors: ClosedRange<Double>, unless: String = "") -> [StageOption] {
    let sides = 1...TargetSize.largestSide
    return [
      StageOption("scale", .number(factors), help: "factor of both sides\(unless)"),
      StageOption("width", .integer(sides), help: "pixels; the height follows unless it is given too"),
      StageOption("height", .integer(sides), help: "pixels; the width follows unless it is given too"),
      StageOption(
        "fit", .size, help: "the largest size of the same shape inside this box and within the factors"),
      StageOption(
        "megapixels", .number(TargetSize.megapixelRange),
        help: "the largest size of the same shape of at most so many million pixels and within the factors"),
    ]
  }
}

extension StageOptions {
  /// The size that the options of `StageOption.targetSize` ask for; `fallback` if they are silent.
  /// - Throws: `StageError.conflict` if they contradict one another, or are silent and there is no fallback.
  func targetSize(factors: ClosedRange<Double>, default fallback: TargetSize? = nil) throws(StageError)
    -> TargetSize
  {
    do {
      return try TargetSize(
        scale: number("scale"), width: integer("width"), height: integer("height"), fit: size("fit"),
        megapixels: number("megapixels"),
        factors: factors)
    } catch {
      if case .unclear(isMissing: true) = error, let fallback { return fallback }
      throw .conflict(stage: stage, reason: "\(error)")
    }
  }
}

extension TargetSize {
  /// As `size(for:factors:)`, with the error of a stage.
  func size(for input: Size, factors: ClosedRange<Double>, stage: String) throws(StageError) -> Size {
    do {
      return try size(for: input, factors: factors)
    } catch {
      throw .picture(stage: stage, reason: "\(error)")
    }
  }
}
