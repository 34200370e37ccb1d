import Acuity
import Stages
import Synchronization
import TestSupport
import Testing

/// A model of a program's own: one type and one registration.
@Suite struct ModelLibraryTests {
  /// Makes every picture black.
  private struct Night: LumaModel {
    var lumaConvention: LumaConvention { .full }
    var multiplyAddsPerPixel: Int { 5000 }
    var content: [UInt8] { Array("night 1".utf8) }

    func enhance(
      size: Size, options: RunOptions, source: @escaping PlaneSource, sink: @escaping PlaneSink
    ) {
      let plane = [Float](repeating: 0, count: size.width * size.height)
      sink(Rect(x: 0, y: 0, width: size.width, height: size.height), plane, size.width)
    }
  }

  /// Of each test: what lives until the process ends looks like a leak to the address sanitizer, for it finds no reference in an
  /// enumeration that has several kinds.
  private let environment: StageEnvironment = {
    var registry = ModelRegistry.builtIn
    try? registry.register(.init(name: "night", summary: "black") { _ in Night() })
    return StageEnvironment(models: ModelLibrary(registry: registry))
  }()

  private func pipeline(_ text: String) throws -> StagePipeline {
    try StageRegistry.builtIn.pipeline(parsing: text, environment: environment)
  }

  @Test func `a stage runs it by its name`() async throws {
    let image = Pictures.noise(width: 12, height: 9, layout: .gray, seed: 1)
    let output = try await pipeline("upscale:scale=2,model=night").process(image, context: StageContext())
    #expect(output.size == Size(width: 24, height: 18))
    #expect(output.samples.values.allSatisfy { $0 == 0 })
    // Others don't know it.
    #expect(throws: ModelError.self) {
      try StageRegistry.builtIn.pipeline(
        parsing: "upscale:model=night", environment: StageEnvironment())
    }
  }

  @Test func `it is the default where a job says so`() throws {
    var registry = ModelRegistry.builtIn
    try registry.register(.init(name: "night", summary: "") { _ in Night() })
    let models = ModelLibrary(registry: registry, defaultModel: Array("night".utf8))
    let pipeline = try StageRegistry.builtIn.pipeline(
      parsing: "upscale", environment: StageEnvironment(models: models))
    #expect(try pipeline.loadedContent == self.pipeline("upscale:model=night").loadedContent)
  }

  @Test func `models are made for the instruction set and the algorithm asked for`() throws {
    let asked = Mutex<[ModelRegistry.Choices]>([])
    var registry = ModelRegistry.builtIn
    try registry.register(
      .init(name: "night", summary: "") { choices in
        asked.withLock { $0.append(choices) }
        return Night()
      })
    let models = ModelLibrary(registry: registry, instructionSet: .baseline)
    for _ in 0..<2 { _ = try models.model(Array("night".utf8), algorithm: .direct) }
    #expect(asked.withLock { $0.map(\.instructionSet) } == [.baseline])
    #expect(asked.withLock { $0.map(\.algorithm) } == [.direct])
  }

  @Test(arguments: [
    ("sharpen:amount=1", []), ("upscale:algorithm=direct", ["fast direct"]), ("upscale", ["fast auto"]),
    ("upscale:model=bicubic", ["bicubic auto"]),
  ])
  func `none is made in vain, and one that there is not is refused nevertheless`(
    _ stages: String, _ made: [String]
  ) throws {
    let models = ModelLibrary(defaultModel: Array("fast".utf8))
    _ = try StageRegistry.builtIn.pipeline(parsing: stages, environment: StageEnvironment(models: models))
    try models.checkDefault()
    #expect(models.made == Set(made))
    #expect(throws: ModelError.self) { try ModelLibrary(defaultModel: Array("nosuch".utf8)).checkDefault() }
    try ModelLibrary(defaultModel: Array("bicubic".utf8)).checkDefault()
    try ModelLibrary().checkDefault()
  }

  @Test func `results of different models are never taken for equal`() throws {
    let contents = try ["vdsr", "fast", "ensemble", "bicubic", "night"].map {
      try pipeline("upscale:model=\($0)").loadedContent
    }
    #expect(Set(contents).count == contents.count)
    #expect(try pipeline("upscale").loadedContent == contents[0])
  }

  @Test func `its work counts as it says, and none as little as that of a filter`() throws {
    func cost(_ model: String) throws -> Double {
      try #require(pipeline("upscale:model=\(model)").steps.first).stage.relativeCost
    }
    #expect(try cost("night") == 5)
    #expect(try cost("bicubic") == 1)
    #expect(try cost("ensemble") == 8 * cost("vdsr"))
  }

  @Test func `memory that no limit holds counts as the stage's own`() throws {
    func memory(_ model: String) throws -> Int {
      try #require(pipeline("upscale:model=\(model)").steps.first).stage.workingMemory(
        for: Size(width: 300, height: 200), layout: .rgb)
    }
    #expect(try memory("ensemble") == memory("vdsr") + 4 * 600 * 400)
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
