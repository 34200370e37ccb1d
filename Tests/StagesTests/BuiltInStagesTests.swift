import ImageFiles
import Pixels
import Stages
import Synchronization
import TestSupport
import Testing

/// What holds for every built-in stage.
@Suite struct BuiltInStagesTests {
  private static let texts = [
    "resize:scale=1.7", "resize:scale=0.3,filter=area", "sharpen:amount=1,radius=2", "denoise:strength=20",
    "grayscale", "flatten:color=203040", "strip-metadata",
    "watermark:file=mark.png,position=center,opacity=0.5",
  ]

  private let folder: TemporaryFolder
  private let environment: StageEnvironment

  init() throws {
    folder = try TemporaryFolder()
    let mark = Pictures.noise(width: 9, height: 9, layout: .rgba, seed: 1)
    try folder.write(ImageFile.encode(mark, as: .png), to: "mark.png")
    environment = StageEnvironment(baseDirectory: folder.path)
  }

  @Test(arguments: texts, Form.all)
  func `gives what it announced, the same for every number of threads`(text: String, form: Form) async throws
  {
    var image = Pictures.noise(width: 45, height: 131, layout: form.layout, depth: form.depth, seed: 2)
    image.metadata = Metadata(
      iccProfile: [1, 2], xmp: Array(#"<x exif:PixelXDimension="45"/>"#.utf8),
      resolution: Metadata.Resolution(x: 300, y: 300, unit: .inch))
    let pipeline = try StageRegistry.builtIn.pipeline(parsing: text, environment: environment)
    let plan = try pipeline.plan(
      size: image.size, layout: image.layout, depth: form.depth, metadata: image.metadata)
    var outputs: [Image] = []
    for threads in [1, 2, 3, 8] {
      outputs.append(try await pipeline.process(image, context: StageContext(threads: threads)))
    }
    #expect(outputs.allSatisfy { $0 == outputs[0] })
    #expect(outputs[0].size == plan.size && outputs[0].layout == plan.layout)
    #expect(outputs[0].samples.depth == form.depth)
    #expect(outputs[0].metadata == plan.metadata)
    #expect((outputs[0].metadata.resolution == nil) == (text == "strip-metadata"))
    if form.layout.isGray { #expect(outputs[0].layout.isGray) }
  }

  @Test(arguments: texts) func `a flat opaque picture stays one`(text: String) async throws {
    let mark = Pictures.noise(width: 9, height: 9, layout: .rgba, seed: 1).filled { _, _, channel in
      [10, 20, 30, 128][channel]
    }
    try folder.write(ImageFile.encode(mark, as: .png), to: "mark.png")
    let noise = Pictures.noise(width: 20, height: 30, layout: .rgba, seed: 3)
    let flat = noise.filled { _, _, channel in [10, 20, 30, 255][channel] }
    let output = try await run(text, flat, environment: environment)
    let gray = (0.299 * 10 + 0.587 * 20 + 0.114 * 30).rounded()
    let color = output.layout.isGray ? [gray, 255] : [10, 20, 30, 255]
    #expect(output == output.filled { _, _, channel in color[channel] })
  }

  @Test(arguments: texts.filter { $0 != "strip-metadata" })
  func `ends soon when it is cancelled`(text: String) async throws {
    let image = Pictures.noise(width: 40, height: 400, layout: .rgba, seed: 4)
    let seen = Mutex<[Double]>([])
    // As soon as it has begun.
    let context = StageContext(
      threads: 2, progress: { share in seen.withLock { $0.append(share) } },
      isCancelled: { seen.withLock { !$0.isEmpty } })
    await #expect(throws: CancellationError.self) {
      try await run(text, image, context: context, environment: environment)
    }
    #expect(seen.withLock { $0.allSatisfy { $0 < 1 } })
  }

  @Test func `none begins once it is cancelled`() async throws {
    final class Ending: Stage {
      let isOver = Mutex(0)

      func process(_ image: Image, context: StageContext) -> Image {
        isOver.withLock { $0 += 1 }
        return image
      }
    }
    let stage = Ending()
    let steps = [1, 2].map { StagePipeline.Step(name: "ending-\($0)", stage: stage) }
    let context = StageContext(threads: 1, isCancelled: { stage.isOver.withLock { $0 } > 0 })
    await #expect(throws: CancellationError.self) {
      try await StagePipeline(steps: steps).process(
        Pictures.noise(width: 2, height: 2, layout: .rgb, seed: 1), context: context)
    }
    #expect(stage.isOver.withLock { $0 } == 1)
  }

  @Test func `progress runs from nothing to all over several stages`() async throws {
    let image = Pictures.noise(width: 40, height: 200, layout: .rgb, seed: 5)
    let seen = Mutex<[Double]>([])
    let context = StageContext(threads: 1, progress: { share in seen.withLock { $0.append(share) } })
    _ = try await run("sharpen,denoise,resize:scale=2", image, context: context)
    let shares = seen.withLock { $0 }
    #expect(shares.count > 10 && shares.last == 1)
    #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 <= $1 + 1e-9 })
    // Also of a stage that tells nothing by itself.
    seen.withLock { $0 = [] }
    _ = try await run("strip-metadata", image, context: context)
    #expect(seen.withLock { $0 } == [1])
  }

  @Test(arguments: Form.all) func `gray is the luma`(form: Form) async throws {
    let image = Pictures.noise(width: 13, height: 70, layout: form.layout, depth: form.depth, seed: 6)
    let output = try await run("grayscale", image)
    #expect(output.layout == (form.layout.hasAlpha ? .grayAlpha : .gray))
    for y in 0..<70 {
      for x in 0..<13 {
        #expect(abs(output.value(x, y, 0) - image.luma(x, y)) <= 0.51)
        if form.layout.hasAlpha { #expect(output.value(x, y, 1) == image.value(x, y, image.colors)) }
      }
    }
  }

  @Test func `metadata goes, and the profile stays on request`() async throws {
    var image = Pictures.noise(width: 3, height: 3, layout: .rgb, seed: 7)
    image.metadata = Metadata(iccProfile: [1, 2], exif: [3], xmp: [4])
    #expect(try await run("strip-metadata", image).metadata == Metadata())
    #expect(try await run("strip-metadata:icc=keep", image).metadata == Metadata(iccProfile: [1, 2]))
    #expect(try await run("strip-metadata", image).samples == image.samples)
    #expect(try await run("grayscale", image).metadata.iccProfile == nil)
    #expect(try await run("sharpen", image).metadata == image.metadata)
  }
}
