import Pixels
import SuperResolution

/// `resize`: another size by interpolation, without a network.
///
/// Bicubic is MATLAB's `imresize` (Keys' kernel, widened when reducing); area is the mean over the pixels covered.
/// Colours count by their alpha.
/// - Complexity: O(input + output)
struct Resize: DeclaredStage {
  static let name = "resize"
  static let summary = "Change the size by interpolation, larger or smaller"
  static let options =
    StageOption.targetSize(factors: factors) + [
      StageOption(
        "filter", .choice(ResamplingFilter.allCases.map(\.rawValue)), default: "bicubic",
        help: "bicubic is sharper; area doesn't ring and is meant for reducing")
    ]

  private static let factors = 0.001...100.0

  private let target: TargetSize
  private let filter: ResamplingFilter

  init(options: StageOptions, environment: StageEnvironment) throws {
    target = try options.targetSize(factors: Self.factors)
    filter = options.text("filter").flatMap(ResamplingFilter.init) ?? .bicubic
  }

  func outputSize(for input: Size) throws -> Size {
    try target.size(for: input, factors: Self.factors, stage: Self.name)
  }

  func workingMemory(for input: Size, layout: Image.Layout) throws -> Int {
    Image.resamplingMemory(
      from: input, to: try outputSize(for: input), layout: layout, threads: coreCount())
  }

  func process(_ image: Image, context: StageContext) throws -> Image {
    try image.resampled(to: try outputSize(for: image.size), filter: filter, context: context)
  }
}
