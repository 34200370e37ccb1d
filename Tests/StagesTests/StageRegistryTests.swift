import Pixels
import Stages
import Testing

@Suite struct StageRegistryTests {
  @Test func `the built-in stages are there, each with sound options`() throws {
    let names = StageRegistry.builtIn.entries.map(\.name)
    for name in [
      "upscale", "resize", "sharpen", "denoise", "grayscale", "flatten", "strip-metadata", "watermark",
    ] {
      #expect(names.contains(name))
    }
    for entry in StageRegistry.builtIn.entries {
      #expect(!entry.summary.isEmpty && entry.plugIn == nil)
      for option in entry.options {
        #expect(!option.help.isEmpty && !option.allowed.isEmpty)
        // Defaults are in range, or making the options fails.
        if option.defaultValue != nil {
          #expect(throws: Never.self) { try StageOptions(stage: entry.name, table: [option], given: []) }
        }
      }
    }
  }

  @Test(arguments: [("sharpn", "sharpen"), ("greyscale", "grayscale"), ("strip_metadata", "strip-metadata")])
  func `a mistyped stage gets a suggestion`(typed: String, meant: String) throws {
    let error = #expect(throws: StageError.self) { try StageRegistry.builtIn.check(StageRequest(typed)) }
    let text = "\(try #require(error))"
    #expect(text.contains("did you mean '\(meant)'?") && text.contains("denoise"))
  }

  @Test func `a mistyped option gets a suggestion and a list`() throws {
    let error = #expect(throws: StageError.self) {
      try StageRegistry.builtIn.check(StageRequest("sharpen", [.init("radios", "1")]))
    }
    let text = "\(try #require(error))"
    #expect(text.contains("'radius'") && text.contains("amount, radius, threshold"))
  }

  private struct Planned: Stage {
    var output: Size
    var memory = 0

    func outputSize(for input: Size) -> Size { output }
    func workingMemory(for input: Size, layout: Image.Layout) -> Int { memory }
    func process(_ image: Image, context: StageContext) -> Image { image }
  }

  private struct Other: Stage {
    var image: Image

    func process(_ image: Image, context: StageContext) -> Image { self.image }
  }

  private struct Declared: DeclaredStage {
    static let name = "declared"
    static let summary = "A stage of somebody else's program"
    static let options: [StageOption] = []

    init(options: StageOptions, environment: StageEnvironment) {}
    func process(_ image: Image, context: StageContext) -> Image { image }
  }

  @Test func `a program registers stages of its own, once each and well named`() throws {
    var registry = StageRegistry.builtIn
    try registry.register(Declared.self)
    #expect(registry["declared"]?.summary == Declared.summary)
    #expect(throws: StageError.duplicateStage(name: "declared")) { try registry.register(Declared.self) }
    #expect(throws: StageError.self) {
      try registry.register(
        StageRegistry.Entry(name: "No Name", summary: "", options: []) { _, _ in
          Planned(output: Size(width: 1, height: 1))
        })
    }
  }

  // MARK: - Plans

  private func pipeline(_ stages: Planned...) -> StagePipeline {
    StagePipeline(steps: stages.map { StagePipeline.Step(name: "planned", stage: $0) })
  }

  @Test func `a plan knows every size, and the memory of the hungriest step`() throws {
    let input = Size(width: 100, height: 50)
    let plan = try pipeline(
      Planned(output: Size(width: 200, height: 100), memory: 7),
      Planned(output: Size(width: 10, height: 5), memory: 1)
    ).plan(size: input, layout: .rgb, depth: 16)
    #expect(plan.sizes == [Size(width: 200, height: 100), Size(width: 10, height: 5)])
    #expect(plan.size == Size(width: 10, height: 5) && plan.layout == .rgb)
    #expect(plan.peakMemory == 6 * (20_000 + 5_000) + 7)
    #expect(try pipeline().plan(size: input, layout: .gray, depth: 8).peakMemory == 5_000)
  }

  @Test func `a plan follows the layout of gray`() throws {
    let pipeline = try StageRegistry.builtIn.pipeline(
      parsing: "grayscale,resize:scale=2", environment: StageEnvironment())
    let plan = try pipeline.plan(size: Size(width: 10, height: 10), layout: .rgba, depth: 8)
    #expect(plan.layouts == [.grayAlpha, .grayAlpha] && plan.size == Size(width: 20, height: 20))
  }

  @Test func `outputs that are too large or impossible are refused before any work`() throws {
    let input = Size(width: 10, height: 10)
    let large = pipeline(Planned(output: Size(width: 1000, height: 1000)))
    #expect(throws: StageError.self) {
      try large.plan(size: input, layout: .gray, depth: 8, maxPixels: 999_999)
    }
    #expect(throws: Never.self) {
      try large.plan(size: input, layout: .gray, depth: 8, maxPixels: 1_000_000)
    }
    for size in [Size(width: 0, height: 1), Size(width: 1, height: -1), Size(width: .max, height: .max)] {
      #expect(throws: StageError.self) {
        try pipeline(Planned(output: size)).plan(size: input, layout: .rgb, depth: 16)
      }
    }
    let hungry = pipeline(Planned(output: input, memory: .max))
    #expect(try hungry.plan(size: input, layout: .gray, depth: 8).peakMemory == .max)
    #expect(throws: StageError.self) {
      try pipeline().plan(size: Size(width: .max, height: 2), layout: .gray, depth: 8)
    }
  }

  @Test func `a stage that gives another picture than it announced breaks its promise`() async throws {
    let image = Image(width: 2, height: 2, layout: .gray, samples: .uint8([1, 2, 3, 4]))
    let liar = pipeline(Planned(output: Size(width: 3, height: 2)))
    let error = await #expect(throws: StageError.self) {
      try await liar.process(image, context: StageContext())
    }
    #expect("\(try #require(error))".contains("gave 2x2 gray of 8 bits instead of 3x2"))
    for other in [
      Image(width: 2, height: 2, layout: .gray, samples: .uint16([1, 2, 3, 4])),
      Image(width: 2, height: 2, layout: .grayAlpha, samples: .uint8([1, 2, 3, 4, 5, 6, 7, 8])),
    ] {
      let steps = [StagePipeline.Step(name: "other", stage: Other(image: other))]
      await #expect(throws: StageError.self) {
        try await StagePipeline(steps: steps).process(image, context: StageContext())
      }
    }
  }
}
