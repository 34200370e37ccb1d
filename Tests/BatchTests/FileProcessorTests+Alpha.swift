import Acuity
import Batch
import Ledger
import Stages
import Synchronization
import TestSupport
import Testing

/// What becomes of an alpha channel that a format has no place for.
extension FileProcessorTests {
  /// WebP leaves out an alpha that is opaque everywhere.
  @Test(arguments: [Image.Layout.rgba, .grayAlpha], [8, 16]) func anOpaqueAlphaMayGo(
    layout: Image.Layout, depth: Int
  ) async throws {
    var image = Pictures.noise(width: 20, height: 12, layout: layout, depth: depth, seed: 3)
    for isLossless in [false, true] {
      // 128 of 65535 are lost in rounding.
      for (isOpaque, missing) in [(false, 0), (true, 0)] + (depth == 16 ? [(true, 128), (false, 129)] : []) {
        if missing > 0 || isOpaque { image = image.withOpaqueAlpha(missing: UInt16(missing)) }
        try inputs.put(try ImageFile.encode(image, as: .png), "x.png")
        var output = try Job.Output("sharpen", root: outputs.path, format: .webp)
        output.encoding.lossless = isLossless
        var job = Job(outputs: [output])
        job.ifExists = .overwrite
        #expect(try await process("x.png", job).result == .done)
        let content = try #require(try outputs.tree().first?.value)
        #expect(try ImageFile.header(bytes: content).layout.hasAlpha == !isOpaque)
        job.ifExists = .verify
        #expect(try await process("x.png", job).result == .skipped("its output is sound"))
        image = Pictures.noise(width: 20, height: 12, layout: layout, depth: depth, seed: 3)
      }
    }
  }

  /// Counts the pictures that come to it.
  private final class CountingStage: Stage {
    let pictures = Mutex<[Image.Layout]>([])

    func process(_ image: Image, context: StageContext) -> Image {
      pictures.withLock { $0.append(image.layout) }
      return image
    }
  }

  @Test(arguments: [Image.Layout.rgba, .grayAlpha], [8, 16])
  func aJPEGHasNoPlaceForTransparencyAndNeedsNoneForAnOpaqueAlpha(
    layout: Image.Layout, depth: Int
  ) async throws {
    let noise = Pictures.noise(width: 20, height: 12, layout: layout, depth: depth, seed: 3)
    let stage = CountingStage()
    func output(_ folder: String, _ format: ImageFormat) -> Job.Output {
      Job.Output(
        root: bytes(outputs.path + "/" + folder),
        stages: StagePipeline(steps: [StagePipeline.Step(name: "count", stage: stage)]), stageText: "count",
        format: format)
    }
    let job = Job(outputs: [output("jpeg", .jpeg), output("png", .png)])
    let ledger = try Ledger(path: inputs.path + "/ledger")
    let opaque = noise.withOpaqueAlpha()
    try inputs.put(try ImageFile.encode(opaque, as: .png), "opaque")
    try inputs.put(try ImageFile.encode(noise, as: .png), "transparent")

    let done = try await process("opaque", job, ledger: ledger)
    #expect(done.result == .done && stage.pictures.withLock { $0 } == [layout.withoutAlpha, layout])
    #expect(
      try outputs.content("jpeg/opaque.jpg") == ImageFile.encode(opaque.withoutOpaqueAlpha(), as: .jpeg))
    let kept = try ImageFile.read(bytes: try #require(try outputs.content("png/opaque.png")))
    #expect(kept.samples == opaque.samples)
    #expect(try await process("opaque", job, ledger: ledger).result != .done, "it is there")

    stage.pictures.withLock { $0 = [] }
    let failure = try #require(try await process("transparent", job, ledger: ledger).failure)
    #expect(failure.culprit == .input && failure.reason.contains("has no alpha channel"))
    #expect(failure.reason.contains("by the stage flatten"))
    #expect(stage.pictures.withLock { $0.count } == 1, "nothing is computed for what cannot be")
    #expect(try outputs.tree().keys.filter { $0.contains("transparent") } == ["png/transparent.png"])
    // The ledger says so too, and that the other one is made.
    let again = try await process("transparent", job, ledger: ledger)
    #expect(again.failure == failure && again.outputs.isEmpty)
  }
}
