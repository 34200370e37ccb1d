package import Acuity

/// `upscale`: a larger picture by a super-resolution model.
///
/// The luma goes through the model; colour differences and alpha are interpolated. See `Upscaler`.
/// - Complexity: `LumaModel.multiplyAddsPerPixel` for each pixel of the output
package struct Upscale: DeclaredStage {
  package static let name = "upscale"
  package static let summary = "Enlarge by a super-resolution model"
  package static let options =
    StageOption.targetSize(factors: TargetSize.upscaling, unless: "; 2 unless another size is given") + [
      StageOption(
        "model", .text, help: "\(models); the job's model if absent"),
      StageOption(
        "algorithm", .choice(Network.Algorithm.allCases.map(\.rawValue)), default: "auto",
        help:
          "how convolutions are computed; auto is the fastest that is exact enough; means nothing to a model without any"
      ),
    ]

  private static let models = "\(ModelRegistry.builtIn.help), or the path of a safetensors file"

  private let target: TargetSize
  private let upscaler: Upscaler

  package init(options: StageOptions, environment: StageEnvironment) throws {
    target = try options.targetSize(factors: TargetSize.upscaling, default: .scale(2))
    let algorithm = options.text("algorithm").flatMap(Network.Algorithm.init) ?? .auto
    if let model = options.text("model"), model.isEmpty {
      throw StageError.badValue(stage: Self.name, option: "model", value: model, allowed: Self.models)
    }
    let model = options.text("model").map {
      ModelCatalog.takesForPath($0) ? environment.resolve($0) : Array($0.utf8)
    }
    upscaler = Upscaler(try environment.models.model(model, algorithm: algorithm))
  }

  package var loadedContent: [UInt8] { upscaler.model.content }

  /// The network's weights as a file; nil without a network.
  package var weights: [UInt8]? { upscaler.model.multiplyAddsPerPixel > 0 ? upscaler.model.content : nil }

  /// A simple filter takes about as long for a pixel as a thousand of a model's multiply-adds.
  package var relativeCost: Double { max(1, Double(upscaler.model.multiplyAddsPerPixel) / 1000) }

  package func outputSize(for input: Size) throws -> Size {
    do {
      return try target.size(for: input, factors: TargetSize.upscaling)
    } catch {
      guard case .beyond(_, let target, _) = error, target.width <= input.width, target.height <= input.height
      else { throw StageError.picture(stage: Self.name, reason: "\(error)") }
      throw StageError.picture(
        stage: Self.name, reason: "\(error); the stage resize makes it smaller")
    }
  }

  /// Its sizes are stated even where they stay.
  package func outputMetadata(
    for input: Metadata, size: Size, layout: Image.Layout
  ) throws -> Metadata {
    input.updated(for: try outputSize(for: size))
  }

  /// Beside what the model is given by `StageContext.maxMemory`.
  package func workingMemory(for input: Size, layout: Image.Layout) throws -> Int {
    let output = try outputSize(for: input)
    return upscaler.workingMemory(from: input, to: output, layout: layout, depth: 16)
      - upscaler.model.workingMemory(for: output, options: RunOptions())
      + upscaler.model.fixedMemory(for: output)
  }

  package func process(_ image: Image, context: StageContext) throws -> Image {
    try upscaler.upscale(
      image, to: try outputSize(for: image.size),
      options: RunOptions(
        threads: context.threads, maxMemory: context.maxMemory, tile: context.tile,
        progress: context.progress, isCancelled: context.isCancelled))
  }
}
