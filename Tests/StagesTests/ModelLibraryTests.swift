import Acuity
import Stages
import TestSupport
import Testing

/// A model of a program's own: one type and one registration.
@Suite struct ModelLibraryTests {
  /// Turns light into dark.
  private struct Negative: LumaModel {
    var lumaConvention: LumaConvention { .full }
    var multiplyAddsPerPixel: Int { 5000 }
    var content: [UInt8] { Array("negative 1".utf8) }

    func enhance(
      size: Size, options: RunOptions, source: @escaping PlaneSource, sink: @escaping PlaneSink
    ) throws {
      try Bicubic().enhance(
        size: size, options: options,
        source: { rect, luma, stride in
          source(rect, luma, stride)
          for y in 0..<rect.height {
            for x in 0..<rect.width { luma[y * stride + x] = 1 - luma[y * stride + x] }
          }
        }, sink: sink)
    }
  }

  /// Of each test: what lives until the process ends looks like a leak to the address sanitizer, for it finds no reference in an
  /// enumeration that has several kinds.
  private let environment: StageEnvironment = {
    var registry = ModelRegistry.builtIn
    try? registry.register(.init(name: "negative", summary: "light and dark in turn") { _ in Negative() })
    return StageEnvironment(models: ModelLibrary(registry: registry))
  }()

  private func pipeline(_ text: String) throws -> StagePipeline {
    try StageRegistry.builtIn.pipeline(parsing: text, environment: environment)
  }

  @Test func `a stage runs it by its name`() async throws {
    let image = Pictures.noise(width: 12, height: 9, layout: .gray, seed: 1)
    let plain = try await pipeline("upscale:scale=2,model=bicubic").process(image, context: StageContext())
    let output = try await pipeline("upscale:scale=2,model=negative").process(image, context: StageContext())
    #expect(output.size == Size(width: 24, height: 18))
    #expect(output.distance(to: plain.filled { 255 - plain.value($0, $1, $2) }) <= 1)
    // Others don't know it.
    #expect(throws: ModelError.self) {
      try StageRegistry.builtIn.pipeline(
        parsing: "upscale:model=negative", environment: StageEnvironment())
    }
  }

  @Test func `it is the default where a job says so`() throws {
    var registry = ModelRegistry.builtIn
    try registry.register(.init(name: "negative", summary: "") { _ in Negative() })
    let models = ModelLibrary(registry: registry, defaultModel: Array("negative".utf8))
    let pipeline = try StageRegistry.builtIn.pipeline(
      parsing: "upscale", environment: StageEnvironment(models: models))
    #expect(try pipeline.loadedContent == self.pipeline("upscale:model=negative").loadedContent)
  }

  @Test func `results of different models are never taken for equal`() throws {
    let contents = try ["vdsr", "fast", "bicubic", "negative"].map {
      try pipeline("upscale:model=\($0)").loadedContent
    }
    #expect(Set(contents).count == contents.count)
    #expect(try pipeline("upscale").loadedContent == contents[0])
  }

  @Test func `its work counts as it says, and none as little as that of a filter`() throws {
    func cost(_ model: String) throws -> Double {
      try #require(pipeline("upscale:model=\(model)").steps.first).stage.relativeCost
    }
    #expect(try cost("negative") == 5)
    #expect(try cost("bicubic") == 1)
  }

  @Test(arguments: Network.Algorithm.allCases)
  func `an algorithm means nothing to a model without convolutions`(_ algorithm: Network.Algorithm)
    async throws
  {
    let image = Pictures.noise(width: 12, height: 9, layout: .rgb, seed: 2)
    let expected = try Upscaler(Bicubic()).upscale(image, to: Size(width: 24, height: 18))
    let text = "upscale:model=bicubic,algorithm=\(algorithm.rawValue)"
    #expect(try await pipeline(text).process(image, context: StageContext()) == expected)
  }

  @Test func `the help names all that come with the program`() {
    let help = StageRegistry.builtIn["upscale"]?.options.first { $0.name == "model" }?.help
    for entry in ModelRegistry.builtIn.entries {
      #expect(help?.contains("\(entry.name) (\(entry.summary))") == true)
    }
  }
}
