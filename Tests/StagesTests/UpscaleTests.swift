import Acuity
import Foundation
import Stages
import Synchronization
import TestSupport
import Testing

@Suite struct UpscaleTests {
  private let folder: TemporaryFolder
  private let environment: StageEnvironment

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(try Self.model(seed: 1).serialized(), to: "tiny.safetensors")
    environment = StageEnvironment(baseDirectory: folder.path)
  }

  /// Three layers of small random weights: quick, and every pixel is changed by it.
  private static func model(seed: UInt64) throws -> Model {
    var random = RandomSource(seed: seed)
    let channels = [1, 6, 5, 1]
    return try Model(
      layers: (0..<3).map { index in
        let count = channels[index] * channels[index + 1] * 9
        return Model.Layer(
          inputChannels: channels[index], outputChannels: channels[index + 1],
          weights: (0..<count).map { _ in Float(random.uniform() - 0.5) * 0.2 }, relu: index < 2)
      })
  }

  @Test(
    arguments: Form.all, [("scale=2.5", 50, 33), ("width=31", 31, 20), ("fit=70x40", 62, 40), ("", 40, 26)])
  func `gives the upscaler's picture`(form: Form, size: (options: String, width: Int, height: Int))
    async throws
  {
    var image = Pictures.noise(width: 20, height: 13, layout: form.layout, depth: form.depth, seed: 2)
    image.metadata.xmp = Array(#"<x exif:PixelXDimension="20"/>"#.utf8)
    let options = size.options.isEmpty ? "" : ",\(size.options)"
    let pipeline = try StageRegistry.builtIn.pipeline(
      parsing: "upscale:model=tiny.safetensors\(options)", environment: environment)
    let output = try await pipeline.process(image, context: StageContext(threads: 2))
    let plan = try pipeline.plan(
      size: image.size, layout: form.layout, depth: form.depth, metadata: image.metadata)
    #expect(plan.metadata == output.metadata && output.metadata.xmp != image.metadata.xmp)
    let expected = try Upscaler(try Network(Self.model(seed: 1))).upscale(
      image, to: Size(width: size.width, height: size.height))
    #expect(output.distance(to: expected) == 0)
  }

  @Test func `a model is loaded once and shared by all stages of a job`() async throws {
    let text = "upscale:model=tiny.safetensors,scale=2"
    let first = try StageRegistry.builtIn.pipeline(parsing: text, environment: environment)
    try FileManager.default.removeItem(atPath: folder("tiny.safetensors"))
    let image = Pictures.noise(width: 6, height: 6, layout: .rgb, seed: 3)
    let second = try await run("upscale:model=tiny.safetensors,scale=2", image, environment: environment)
    #expect(try await first.process(image, context: StageContext()) == second)
    // Another algorithm is another network, and a job of its own knows nothing of this one's.
    #expect(throws: ModelError.self) {
      try StageRegistry.builtIn.pipeline(parsing: text + ",algorithm=direct", environment: environment)
    }
    #expect(throws: ModelError.self) {
      try StageRegistry.builtIn.pipeline(
        parsing: text, environment: StageEnvironment(baseDirectory: folder.path))
    }
  }

  @Test func `a job's default model stands in where none is named`() async throws {
    let models = ModelLibrary(defaultModel: Array(folder("tiny.safetensors").utf8))
    let image = Pictures.noise(width: 6, height: 6, layout: .gray, seed: 5)
    let output = try await run(
      "upscale:scale=3", image, environment: StageEnvironment(models: models))
    #expect(
      try output
        == Upscaler(try Network(Self.model(seed: 1))).upscale(image, to: Size(width: 18, height: 18)))
  }

  @Test func `an empty model is refused as that`() {
    let error = #expect(throws: StageError.self) {
      try StageRegistry.builtIn.pipeline(parsing: "upscale:model=", environment: environment)
    }
    #expect(
      error?.description.hasPrefix("stage 'upscale': model is empty; model takes vdsr (the default), ")
        == true)
  }

  @Test func `what it has loaded is the model`() throws {
    func content(_ text: String) throws -> [UInt8] {
      try StageRegistry.builtIn.pipeline(parsing: text, environment: environment).loadedContent
    }
    try folder.write(try Self.model(seed: 6).serialized(), to: "other.safetensors")
    #expect(
      try content("upscale:model=tiny.safetensors") == content("upscale:model=./tiny.safetensors,scale=3"))
    #expect(try content("upscale:model=tiny.safetensors") != content("upscale:model=other.safetensors"))
  }

  @Test func `pictures that can't be enlarged so are refused when planned`() throws {
    let pipeline = try StageRegistry.builtIn.pipeline(
      parsing: "upscale:model=tiny.safetensors,width=100", environment: environment)
    func plan(_ width: Int) throws -> StagePipeline.Plan {
      try pipeline.plan(size: Size(width: width, height: 10), layout: .rgba, depth: 16)
    }
    #expect(try plan(50).size == Size(width: 100, height: 20))
    // Three pictures' worth is there with 16 bits: the input, a copy of it, the output.
    #expect(try plan(50).peakMemory >= 8 * (500 + 500 + 2000))
    for width in [101, 12] {
      let error = #expect(throws: StageError.self) { try plan(width) }
      #expect("\(try #require(error))".contains("1 to 8 times"))
      #expect("\(try #require(error))".contains("the stage resize") == (width == 101))
    }
    for text in ["scale=0.9", "scale=9", "scale=2,fit=9x9", "algorithm=fft", "model=none.safetensors"] {
      #expect(throws: (any Error).self) {
        try StageRegistry.builtIn.pipeline(parsing: "upscale:\(text)", environment: environment)
      }
    }
  }

  @Test func `ends soon when it is cancelled, and tells how far it is`() async throws {
    let image = Pictures.noise(width: 400, height: 400, layout: .rgb, seed: 7)
    let seen = Mutex<[Double]>([])
    let context = StageContext(
      threads: 2, progress: { share in seen.withLock { $0.append(share) } },
      isCancelled: { seen.withLock { !$0.isEmpty } })
    await #expect(throws: CancellationError.self) {
      try await run("upscale:model=tiny.safetensors", image, context: context, environment: environment)
    }
    #expect(seen.withLock { !$0.isEmpty && $0.allSatisfy { 0 < $0 && $0 < 1 } })
  }
}
