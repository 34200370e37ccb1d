import Acuity
import Batch
import Folders
import Foundation
import Ledger
import Stages
import TestSupport
import Testing

/// What is looked at before an output gets its name, and what it gets with it.
extension FileProcessorTests {
  /// Reads or writes something else than it was given.
  private struct OtherCoder: PictureCoder {
    let change: @Sendable (Image) -> Image
    var format: ImageFormat?
    var isReading = false

    func decode(
      _ bytes: [UInt8], limits: Limits, options: ReadOptions
    ) async throws(CodingError) -> Image {
      let image = try await InProcessCoder().decode(bytes, limits: limits, options: options)
      return isReading ? change(image) : image
    }

    func encode(
      _ image: Image, as format: ImageFormat, options: EncodeOptions
    ) async throws(CodingError) -> [UInt8] {
      try await InProcessCoder().encode(
        isReading ? image : change(image), as: self.format ?? format, options: options)
    }
  }

  @Test func whatIsNotThePictureThatWasToBeMadeGetsNoName() async throws {
    try inputs.put(try picture(layout: .rgba), "alpha.png")
    try inputs.put(try picture(), "plain.png")
    let noise = { @Sendable (layout: Image.Layout) in
      Pictures.noise(width: 20, height: 12, layout: layout, seed: 9)
    }
    let wide = Pictures.noise(width: 21, height: 12, layout: .rgb, seed: 9)
    let job = Job(outputs: [try Job.Output("sharpen", root: outputs.path)])
    for (name, coder, reason) in [
      ("plain.png", OtherCoder { _ in noise(.rgba) }, "with alpha instead of 20x12 pixels without"),
      ("alpha.png", OtherCoder { _ in noise(.rgb) }, "without alpha instead of 20x12 pixels with"),
      ("plain.png", OtherCoder { _ in wide }, "21x12 pixels"),
      ("plain.png", OtherCoder(change: { $0 }, format: .webp), "it is webp"),
      ("plain.png", OtherCoder(change: { _ in wide }, isReading: true), "header promises"),
      ("plain.png", OtherCoder(change: { _ in noise(.gray) }, isReading: true), "header promises"),
    ] {
      let processor = try FileProcessor(job, coder: coder, resources: Resources(threads: 1))
      let outcome = await processor.process(
        try job.plan(BatchInput(relative(name), below: inputs.folder)))
      #expect(outcome.failure?.reason.contains("\(name): the ") == true)
      #expect(outcome.failure?.reason.contains(reason) == true, "\(outcome.result)")
      #expect(try outputs.tree().isEmpty)
    }
  }

  @Test func aLimitOnTheSidesOfInputsIsNoneOfOutputs() async throws {
    try inputs.put(try picture(), "x.png")
    var job = Job(outputs: [try Job.Output("resize:scale=2", root: outputs.path)])
    job.limits.maxDimension = 20
    job.verification = .decode
    #expect(try await process("x.png", job).result == .done)
  }

  /// As when the machine lets no further process begin.
  @Test func whatTheSystemRefusesIsNobodysFault() async throws {
    try inputs.put(try picture(), "x.png")
    let ledger = try Ledger(path: inputs.path + "/ledger")
    let job = Job(outputs: [try Job.Output("sharpen", root: outputs.path)])
    let file = try job.plan(BatchInput(relative("x.png"), below: inputs.folder))
    func failure() async throws -> Failure? {
      let processor = try FileProcessor(
        job, coder: WorkerCoder(.init(executable: "/nowhere/acuity")), ledger: ledger,
        resources: Resources(threads: 1))
      return await processor.process(file).failure
    }
    #expect(try await failure()?.culprit == .system)
    let entry = try #require(try ledger.entries().first)
    #expect(entry.state == .pending && entry.attempts == 0)
    // Nor can it be said whose a damaged output is.
    #expect(try await process("x.png", job, ledger: ledger).result == .done)
    var damaged = try #require(try outputs.content("x.png"))
    damaged[damaged.count / 2] ^= 1
    try outputs.put(damaged, "x.png")
    #expect(try await failure()?.culprit == .system)
  }

  @Test(arguments: [0, 1, 2], [false, true])
  func anOutputThatCannotBeMadeCostsNoOther(place: Int, hasLedger: Bool) async throws {
    struct Broken: Stage {
      func process(_ image: Image, context: StageContext) throws -> Image {
        throw StageError.picture(stage: "broken", reason: "it is broken")
      }
    }
    try inputs.put(try picture(), "x.png")
    var job = Job(
      outputs: try ["grayscale", "sharpen"].map { try Job.Output($0, root: outputs.path + "/" + $0) })
    let broken = StagePipeline(steps: [StagePipeline.Step(name: "broken", stage: Broken())])
    for folder in ["broken", "again"] {
      job.outputs.insert(
        Job.Output(root: bytes(outputs.path + "/" + folder), stages: broken, stageText: folder), at: place)
    }
    let ledger = hasLedger ? try Ledger(path: inputs.path + "/ledger") : nil
    let outcome = try await process("x.png", job, ledger: ledger)
    let failure = try #require(outcome.failure)
    #expect(failure.culprit == .input)
    #expect(failure.reason.components(separatedBy: "it is broken").count == 2, "once for both")
    #expect(outcome.outputs.count == 2)
    #expect(try outputs.tree().keys.sorted() == ["grayscale/x.png", "sharpen/x.png"])
    #expect(try ledger?.counts() ?? [.done: 2, .failed: 2] == [.done: 2, .failed: 2])
  }

  @Test(arguments: [false, true])
  func eachOutputThatCannotBeMadeIsSaidToBeSo(isAnyPossible: Bool) async throws {
    try inputs.put(try picture(layout: .rgba), "x.png")
    let choices: [(String, ImageFormat)] = [
      ("sharpen", .jpeg), ("grayscale", .jpeg), ("resize:width=17000,height=1", .webp), ("sharpen", .png),
      ("sharpen,grayscale", .png),
    ]
    var job = Job(
      outputs: try choices.prefix(isAnyPossible ? 5 : 3).enumerated().map { index, choice in
        try Job.Output(choice.0, root: outputs.path + "/\(index)", format: choice.1)
      })
    job.ifExists = .fail
    try outputs.put([], "4/x.png")
    let plan = try await BatchPlan(InputSelection(arguments: [bytes(inputs.path + "/x.png")]), job: job)
    let processor = try FileProcessor(job, coder: InProcessCoder(), resources: Resources(threads: 1))
    let summary = await BatchRunner(processor).run(plan)
    let reason = try #require(summary.failures.first?.failure.reason)
    #expect(reason.components(separatedBy: "has no alpha channel").count == 2, "once for both")
    #expect(reason.contains("can't become 17000x1"))
    #expect(reason.contains("is already there") == isAnyPossible)
    #expect(summary.outcomes[0].outputs.map(\.index) == (isAnyPossible ? [3] : []))
  }

  @Test func outputsHaveTheirDigestsWhereTheyAreAskedFor() async throws {
    try inputs.put(try picture(), "x.png")
    for (number, (hasLedger, tells)) in [(false, true), (false, false), (true, false)].enumerated() {
      let job = Job(outputs: [try Job.Output("sharpen", root: outputs.path + "/\(number)")])
      let ledger = hasLedger ? try Ledger(path: inputs.path + "/ledger") : nil
      var processor = try FileProcessor(
        job, coder: InProcessCoder(), ledger: ledger, resources: Resources(threads: 1))
      processor.tellsDigests = tells
      let outcome = await processor.process(
        try job.plan(BatchInput(relative("x.png"), below: inputs.folder)))
      let bytes = try outputs.tree()["\(number)/x.png"]
      #expect(outcome.outputs.count == 1 && bytes != nil)
      let isTold = tells || hasLedger
      #expect(outcome.outputs.first?.digest == bytes.flatMap { isTold ? SHA256.digest($0) : nil })
    }
  }

  @Test func outputsSayWhatHasMadeThemIfTheyAreToldTo() async throws {
    var image = try ImageFile.read(bytes: try picture())
    image.metadata.xmp = Array("<rdf:RDF><rdf:Description dc:format='x'/></rdf:RDF>".utf8)
    try inputs.put(try ImageFile.encode(image, as: .png), "x.png")
    for (stages, scale, models) in [
      ("upscale:scale=1.5,model=bicubic", "1.5", 0), ("resize:width=\(4 * image.width)", "4", 0),
      ("upscale:scale=3,model=fast,grayscale,resize:width=\(2 * image.width)", "2", 1),
      ("upscale:model=fast,upscale:model=fast", "4", 2),
    ] {
      for format in ImageFormat.writable {
        let folder = "\(models)x\(scale)\(format.name)"
        var output = try Job.Output(stages, root: outputs.path + "/" + folder, format: format)
        output.recordsProvenance = true
        let job = Job(outputs: [output])
        let processor = try FileProcessor(
          job, coder: InProcessCoder(), resources: Resources(threads: 1))
        let plan = try job.plan(BatchInput(relative("x.png"), below: inputs.folder))
        let outcome = await processor.process(plan)
        let made = try #require(outcome.outputs.first, "\(outcome.result)")
        let bytes = try #require(try outputs.tree()["\(folder)/\(made.path)"])
        let xmp = String(decoding: try #require(try ImageFile.read(bytes: bytes).metadata.xmp), as: UTF8.self)
        #expect(xmp.contains("dc:format='x'") && xmp.contains("acuity:Program=\"Acuity \(acuityVersion)\""))
        #expect(xmp.contains("acuity:Scale=\"\(scale)\""), "\(xmp)")
        #expect(xmp.components(separatedBy: "sha256:").count == models + 1)
      }
    }
  }

  @Test func whatHasMadeAnInputIsKeptButForTheScaleOfAnotherSize() async throws {
    var image = try ImageFile.read(bytes: try picture())
    let packet = XMP.describing([("Model", "sha256:0"), ("Scale", "2")], in: nil).packet
    image.metadata.xmp = packet
    try inputs.put(try ImageFile.encode(image, as: .png), "x.png")
    for (stages, keepsScale) in [
      ("grayscale", true), ("upscale:model=bicubic", false), ("resize:scale=3", false),
    ] {
      let job = Job(outputs: [try Job.Output(stages, root: outputs.path + "/" + stages)])
      #expect(try await process("x.png", job).result == .done)
      let bytes = try #require(try outputs.content(stages + "/x.png"))
      let xmp = String(decoding: try #require(try ImageFile.read(bytes: bytes).metadata.xmp), as: UTF8.self)
      #expect(xmp.contains("acuity:Model=\"sha256:0\""), "\(xmp)")
      #expect(xmp.contains("acuity:Scale") == keepsScale, "\(stages): \(xmp)")
    }
  }

  @Test func outputsThatHaveNoPlaceForWhatHasMadeThemAreNamed() async throws {
    for (name, xmp) in [("a.png", nil), ("b.png", "<x/>"), ("c.png", "<y/>")] {
      var image = try ImageFile.read(bytes: try picture())
      image.metadata.xmp = xmp.map { Array($0.utf8) }
      try inputs.put(try ImageFile.encode(image, as: .png), name)
    }
    var output = try Job.Output("sharpen", root: outputs.path)
    output.recordsProvenance = true
    let selection = InputSelection(arguments: [bytes(inputs.path)])
    let plan = try await BatchPlan(selection, job: Job(outputs: [output]))
    #expect(plan.notes.filter { $0.contains("b.png and 1 more: left out, what has made it") }.count == 1)
    output.recordsProvenance = false
    let silent = try await BatchPlan(selection, job: Job(outputs: [output]))
    #expect(!silent.notes.contains { $0.contains("what has made it") })
  }

  /// Does something while a picture is computed.
  private struct Meanwhile: Stage {
    let act: @Sendable () throws -> Void

    func process(_ image: Image, context: StageContext) throws -> Image {
      try act()
      return image
    }
  }

  @Test func whatAppearsMeanwhileIsLeftAloneAndTheInputIsNotBlamed() async throws {
    try inputs.put(try picture(), "x.png")
    let ledger = try Ledger(path: inputs.path + "/ledger")
    let stage = Meanwhile { [outputs] in try outputs.put(bytes("mine"), "x.png") }
    let pipeline = StagePipeline(steps: [StagePipeline.Step(name: "meanwhile", stage: stage)])
    let job = Job(outputs: [
      Job.Output(root: bytes(outputs.path), stages: pipeline, stageText: "meanwhile")
    ])
    let failure = try #require(try await process("x.png", job, ledger: ledger).failure)
    #expect(failure.culprit == .later && failure.reason.contains("run again"), "\(failure)")
    #expect(try outputs.tree() == ["x.png": bytes("mine")])
    let entry = try #require(try ledger.entries(ofInput: bytes("x.png")).first)
    #expect(entry.state == .pending && entry.attempts == 0)
  }

  @Test func timeAndPermissionsAreKeptOnRequest() async throws {
    try inputs.put(try picture(), "x.png")
    let manager = FileManager.default
    // What a program of its owner's rights has beside them is not for a picture.
    try manager.setAttributes(
      [.posixPermissions: 0o4604, .modificationDate: Date(timeIntervalSince1970: 1_000_000_000)],
      ofItemAtPath: inputs.path + "/x.png")
    var job = Job(outputs: [try Job.Output("grayscale", root: outputs.path)])
    job.keepsModificationTime = true
    job.keepsPermissions = true
    #expect(try await process("x.png", job).result == .done)
    let attributes = try manager.attributesOfItem(atPath: outputs.path + "/x.png")
    #expect(attributes[.posixPermissions] as? Int == 0o604)
    #expect(attributes[.modificationDate] as? Date == Date(timeIntervalSince1970: 1_000_000_000))
  }

  /// What is up to date need not be made again for it.
  @Test func timeAndPermissionsAreKeptAlsoWhereTheyAreAskedForLater() async throws {
    let ledger = try Ledger(path: inputs.path + "/ledger")
    try inputs.folder.write(
      try picture(), to: bytes("x.png"), replacing: true,
      attributes: FileAttributes(permissions: .exactly(0o604), modified: 1_000_000_000_000_000_000))
    var job = Job(outputs: [try Job.Output("grayscale", root: outputs.path)])
    #expect(try await process("x.png", job, ledger: ledger).result == .done)
    let content = try outputs.content("x.png")
    job.keepsModificationTime = true
    job.keepsPermissions = true
    for ifExists in [Job.ExistingOutput.skip, .verify, .skip] {
      job.ifExists = ifExists
      let outcome = try await process("x.png", job, ledger: ledger)
      #expect(outcome.result == .skipped("its output is up to date"))
      #expect(ifExists == .verify || outcome.times.reading == 0, "it is known still")
      let status = try #require(try outputs.folder.status(bytes("x.png")))
      #expect(status.permissions == 0o604 && status.modified == 1_000_000_000_000_000_000)
      #expect(try outputs.content("x.png") == content)
      if ifExists == .skip {
        _ = try outputs.folder.set(permissions: 0o600, modified: nil, of: bytes("x.png"))
      }
    }
  }
}
