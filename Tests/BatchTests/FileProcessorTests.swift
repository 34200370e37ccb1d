import Acuity
import Batch
import Folders
import Foundation
import Ledger
import Stages
import Synchronization
import TestSupport
import Testing

@Suite struct FileProcessorTests {
  let inputs: TemporaryFolder
  let outputs: TemporaryFolder

  init() throws {
    inputs = try TemporaryFolder()
    outputs = try TemporaryFolder()
  }

  func process(
    _ path: String, _ job: Job, ledger: Ledger? = nil, watch: FileProcessor.Watch = .init()
  ) async throws -> FileOutcome {
    let processor = try FileProcessor(
      job, coder: InProcessCoder(), ledger: ledger, resources: Resources(threads: 1))
    let input = BatchInput(relative(path), below: inputs.folder)
    return await processor.process(try job.plan(input), watch: watch)
  }

  @Test func anInputGetsItsOutput() async throws {
    try inputs.put(try picture(), "a/b.png")
    let job = Job(outputs: [try Job.Output("grayscale", root: outputs.path)])
    let outcome = try await process("a/b.png", job)
    #expect(outcome.result == .done)
    let image = try ImageFile.read(bytes: try #require(try outputs.content("a/b.png")))
    #expect(image.layout == .gray && image.size == Size(width: 20, height: 12))
    #expect(try outputs.tree().count == 1, "no temporaries are left")
    let content = try #require(try outputs.content("a/b.png"))
    #expect(outcome.outputs.map(\.digest) == [SHA256.digest(content)])
    let times = outcome.times
    #expect(
      [times.reading, times.decoding, times.computing, times.encoding, times.writing].allSatisfy { $0 > 0 })
  }

  @Test func progressGoesOnFromOutputToOutput() async throws {
    try inputs.put(try picture(), "x.png")
    let job = Job(
      outputs: try ["sharpen", "grayscale", "resize:scale=2"].map {
        try Job.Output($0, root: outputs.path + "/" + $0)
      })
    let shares = Mutex<[Double]>([])
    let watch = FileProcessor.Watch(progress: { share in shares.withLock { $0.append(share) } })
    #expect(try await process("x.png", job, watch: watch).result == .done)
    let all = shares.withLock { $0 }
    #expect(all == all.sorted() && all.last == 1, "\(all)")
  }

  /// A pixel more each time it is asked.
  private final class FickleStage: Stage {
    private let calls = Counter()

    func outputSize(for input: Size) -> Size { Size(width: input.width + calls.next(), height: input.height) }
    func process(_ image: Image, context: StageContext) -> Image { image }
  }

  @Test func aStageThatChangesItsMindIsNoReplacedFile() async throws {
    try inputs.put(try picture(), "x.png")
    let steps = [StagePipeline.Step(name: "fickle", stage: FickleStage())]
    let job = Job(outputs: [
      Job.Output(root: bytes(outputs.path), stages: StagePipeline(steps: steps), stageText: "fickle")
    ])
    let failure = try #require(try await process("x.png", job).failure)
    #expect(failure.culprit == .input && failure.reason.contains("another size each time"), "\(failure)")
    #expect(try outputs.tree().isEmpty)
  }

  @Test func severalOutputsComeFromOneDecode() async throws {
    try inputs.put(try picture(layout: .rgba), "x.png")
    let job = Job(outputs: [
      try Job.Output("grayscale", root: outputs.path),
      try Job.Output(
        "sharpen", root: outputs.path, name: try NamePattern("{stem}-{width}.{ext}"), format: .webp),
    ])
    let outcome = try await process("x.png", job)
    #expect(outcome.result == .done && outcome.outputs.map(\.index) == [0, 1])
    #expect(try outputs.tree().keys.sorted() == ["x-20.webp", "x.png"])
  }

  @Test func anOutputThatCannotBeCostsNoOther() async throws {
    try inputs.put(try picture(width: 900, height: 2), "x.png")
    let job = Job(outputs: [
      try Job.Output("resize:scale=20", root: outputs.path + "/wide", format: .webp),
      try Job.Output("grayscale", root: outputs.path + "/gray"),
    ])
    for attempt in 0..<2 {
      let outcome = try await process("x.png", job)
      #expect(outcome.failure?.reason.contains("16383") == true, "\(attempt): \(outcome.result)")
      #expect(try outputs.tree().keys.sorted() == ["gray/x.png"])
    }
    let none = Job(outputs: [job.outputs[0]])
    #expect(throws: Failure.self) { try none.plan(BatchInput(relative("x.png"), below: inputs.folder)) }
  }

  @Test func aLinkInTheOutputsPlaceStandsForWhatItLeadsTo() async throws {
    try inputs.put(try picture(), "x.png")
    try inputs.put(try picture(seed: 4), "fits.png")
    try inputs.put(bytes("text"), "text")
    for (target, fits) in [
      (inputs.path + "/fits.png", true), (inputs.path + "/text", false), (inputs.path + "/none", false),
      ("/dev/null", false), (inputs.path, false),
    ] {
      try? outputs.folder.remove(bytes("x.png"))
      #expect(symlink(target, outputs.path + "/x.png") == 0)
      let job = Job(outputs: [try Job.Output("sharpen", root: outputs.path)])
      let outcome = try await process("x.png", job)
      if fits {
        #expect(outcome.result == .skipped("its output is already there"))
      } else {
        #expect(outcome.failure?.culprit == .outputName, "\(target)")
      }
      #expect(try outputs.folder.status(bytes("x.png"))?.kind == .symbolicLink)
    }
    var job = Job(outputs: [try Job.Output("sharpen", root: outputs.path)])
    job.ifExists = .overwrite
    #expect(try await process("x.png", job).failure?.reason.contains("is a link to a folder") == true)
  }

  @Test func aLedgerDoesNotVouchForAnOutputThatWasDamagedSince() async throws {
    try inputs.put(try picture(), "x.png")
    let ledger = try Ledger(path: inputs.path + "/ledger")
    let job = Job(outputs: [try Job.Output("sharpen", root: outputs.path)])
    #expect(try await process("x.png", job, ledger: ledger).result == .done)
    #expect(try await process("x.png", job, ledger: ledger).result == .skipped("its output is up to date"))
    let whole = try #require(try outputs.content("x.png"))
    var flipped = whole
    flipped[whole.count / 2] ^= 1
    for damaged in [[], Array(whole.dropLast(20)), flipped, whole.map { _ in 0 }] {
      try outputs.put(damaged, "x.png")
      #expect(try await process("x.png", job, ledger: ledger).result == .done)
      #expect(try outputs.content("x.png") == whole)
      #expect(try await process("x.png", job, ledger: ledger).result == .skipped("its output is up to date"))
    }
    // A crash of the system may leave size and time as they were, and nothing by which the form could be told.
    let headless = [UInt8](repeating: 0, count: 16) + whole.dropFirst(16)
    for lost in [whole.map { _ in 0 }, headless] {
      let status = try #require(try outputs.folder.status(bytes("x.png")))
      try outputs.folder.write(
        lost, to: bytes("x.png"), replacing: true, attributes: FileAttributes(modified: status.modified))
      #expect(try await process("x.png", job, ledger: ledger).result == .done)
      #expect(try outputs.content("x.png") == whole)
    }
    // What is no remnant of ours is somebody's, and left alone.
    for other in [bytes("mine"), headless, try picture(width: 21), try picture(as: .webp)] {
      try outputs.put(other, "x.png")
      #expect(try await process("x.png", job, ledger: ledger).failure?.culprit == .outputName)
      #expect(try outputs.content("x.png") == other)
    }
  }

  @Test func anExistingOutputIsLeftAlone() async throws {
    try inputs.put(try picture(), "x.png")
    try outputs.put(try picture(seed: 9), "x.png")
    var job = Job(outputs: [try Job.Output("grayscale", root: outputs.path)])
    #expect(try await process("x.png", job).result == .skipped("its output is already there"))
    #expect(try outputs.content("x.png") == picture(seed: 9))
    // What cannot be its output is left alone too, but is none.
    for other in [bytes("mine"), [], try picture(width: 21), try picture(as: .webp)] {
      try outputs.put(other, "x.png")
      let failure = try await process("x.png", job).failure
      #expect(
        failure?.culprit == .outputName && failure?.reason.contains("remove it, or choose otherwise") == true)
      #expect(try outputs.content("x.png") == other)
    }
    try outputs.put(bytes("mine"), "x.png")
    job.ifExists = .fail
    #expect(try await process("x.png", job).failure?.culprit == .outputName)
    #expect(try outputs.tree() == ["x.png": bytes("mine")])
    job.ifExists = .rename
    #expect(try await process("x.png", job).outputs.map(\.path.description) == ["x-1.png"])
    #expect(try outputs.content("x.png") == bytes("mine"))
    job.ifExists = .verify
    #expect(try await process("x.png", job).result == .done, "what is no picture is made again")
    #expect(try await process("x.png", job).result == .skipped("its output is sound"))
    job.ifExists = .overwrite
    #expect(try await process("x.png", job).result == .done)
  }

  @Test func theLedgerKnowsWhatIsUpToDate() async throws {
    try inputs.put(try picture(), "x.png")
    let ledger = try Ledger(path: inputs.path + "/ledger")
    var job = Job(outputs: [try Job.Output("sharpen:amount=1", root: outputs.path)])
    #expect(try await process("x.png", job, ledger: ledger).result == .done)
    let first = try #require(try outputs.content("x.png"))
    #expect(try await process("x.png", job, ledger: ledger).result == .skipped("its output is up to date"))
    // Other options: our own output is out of date and made again, also with `skip`.
    job.outputs = [try Job.Output("sharpen:amount=2", root: outputs.path)]
    #expect(try await process("x.png", job, ledger: ledger).result == .done)
    #expect(try outputs.content("x.png") != first)
    // Somebody has replaced it: it is not ours to replace, but for who asks whether it is what was made.
    try outputs.put(try picture(seed: 9), "x.png")
    for amount in [2, 3] {
      job.outputs = [try Job.Output("sharpen:amount=\(amount)", root: outputs.path)]
      let outcome = try await process("x.png", job, ledger: ledger)
      let doubt = try #require(outcome.doubt)
      #expect(outcome.result == .skipped(doubt), "replaced")
      #expect(doubt.hasPrefix(outputs.path + "/x.png is no longer the file that was made"), "\(doubt)")
    }
    job.ifExists = .verify
    #expect(try await process("x.png", job, ledger: ledger).result == .done)
    #expect(try await process("x.png", job, ledger: ledger).result == .skipped("its output is up to date"))
    job.ifExists = .skip
    // Other content.
    try inputs.put(try picture(seed: 2), "y.png")
    #expect(try await process("y.png", job, ledger: ledger).result == .done)
    // An instruction set that the user names: other bytes may be what he is after.
    var named = job
    named.instructionSet = .baseline
    #expect(try await process("y.png", named, ledger: ledger).result == .done)
    #expect(try await process("y.png", named, ledger: ledger).result == .skipped("its output is up to date"))
    #expect(try await process("y.png", job, ledger: ledger).result == .done)
    // The same content under another name is copied, not computed.
    try inputs.put(try picture(seed: 2), "z.png")
    let copy = try await process("z.png", job, ledger: ledger)
    #expect(copy.outputs.map(\.isCopy) == [true] && copy.times.computing == 0)
    #expect(try outputs.content("z.png") == outputs.content("y.png"))
    #expect(try ledger.counts() == [.done: 3])
    // But not from what somebody has put in its place.
    let made = try outputs.content("z.png")
    for name in ["y.png", "z.png"] { try outputs.put(try picture(seed: 9), name) }
    try inputs.put(try picture(seed: 2), "w.png")
    #expect(try await process("w.png", job, ledger: ledger).outputs.map(\.isCopy) == [false])
    #expect(try outputs.content("w.png") == made)
  }

  @Test func theOutputOfAnEqualFileIsFoundHoweverManyAreGone() async throws {
    let job = Job(outputs: [try Job.Output("sharpen", root: outputs.path)])
    let ledger = try Ledger(path: inputs.path + "/ledger")
    let names = (10..<40).map { "\($0).png" }
    for name in names {
      try inputs.put(try picture(), name)
      #expect(try await process(name, job, ledger: ledger).outputs.map(\.isCopy) == [name != names[0]])
    }
    for name in names.dropLast() { try outputs.put([], name) }
    try inputs.put(try picture(), "last.png")
    #expect(try await process("last.png", job, ledger: ledger).outputs.map(\.isCopy) == [true])
  }

  @Test func aFailureNamesTheFileAndIsRecorded() async throws {
    let whole = try picture(width: 60, height: 60)
    try inputs.put(Array(whole.dropLast(1000)) + whole.suffix(12), "x.png")
    let ledger = try Ledger(path: inputs.path + "/ledger")
    let job = Job(outputs: [try Job.Output("grayscale", root: outputs.path)])
    let input = BatchInput(relative("x.png"), below: inputs.folder)
    let unplanned = #expect(throws: Failure.self) { try job.plan(input) }
    #expect(unplanned?.reason.contains("x.png") == true && unplanned?.culprit == .input)
    // Damage that the header does not show.
    var damaged = whole
    damaged[whole.count / 2] ^= 0xff
    try inputs.put(damaged, "x.png")
    let outcome = try await process("x.png", job, ledger: ledger)
    let failure = try #require(outcome.failure)
    #expect(failure.culprit == .input && failure.reason.contains(inputs.path + "/x.png"))
    #expect(try ledger.entries(ofInput: bytes("x.png")).first?.state == .failed)
    #expect(try outputs.tree().isEmpty)
  }

  @Test func aSystemWithoutAProcessForTheCodecsIsSaidOfTheFile() async throws {
    try inputs.put(try picture(), "x.png")
    let job = Job(outputs: [try Job.Output("grayscale", root: outputs.path)])
    let processor = try FileProcessor(
      job, coder: WorkerCoder(.init(executable: "/nowhere/acuity")), resources: Resources(threads: 1))
    let outcome = await processor.process(try job.plan(BatchInput(relative("x.png"), below: inputs.folder)))
    let failure = try #require(outcome.failure)
    #expect(failure.culprit == .system)
    #expect(failure.reason.contains("x.png") && failure.reason.contains("/nowhere/acuity"))
  }

  @Test func nothingIsComputedForAFolderThatIsGoneAndTheFileIsNotBlamed() async throws {
    try inputs.put(try picture(), "x.png")
    let ledger = try Ledger(path: inputs.path + "/ledger")
    let away = outputs.path + "/away"
    let job = Job(outputs: [try Job.Output("grayscale", root: away)])
    let processor = try FileProcessor(
      job, coder: InProcessCoder(), ledger: ledger, resources: Resources(threads: 1))
    try FileManager.default.removeItem(atPath: away)
    let outcome = await processor.process(try job.plan(BatchInput(relative("x.png"), below: inputs.folder)))
    #expect(outcome.failure?.culprit == .output && outcome.times.decoding == 0)
    #expect(outcome.failure?.reason.contains(away + "/x.png") == true)
    #expect(try ledger.entries(ofInput: bytes("x.png")).first?.attempts ?? 0 == 0)
  }

  @Test func aFolderThatIsGoneCostsOnlyItsOwnOutput() async throws {
    try inputs.put(try picture(), "x.png")
    let away = outputs.path + "/away"
    let job = Job(outputs: [
      try Job.Output("grayscale", root: away), try Job.Output("grayscale", root: outputs.path + "/here"),
    ])
    let processor = try FileProcessor(job, coder: InProcessCoder(), resources: Resources(threads: 1))
    try FileManager.default.removeItem(atPath: away)
    let outcome = await processor.process(try job.plan(BatchInput(relative("x.png"), below: inputs.folder)))
    #expect(outcome.failure?.culprit == .output && outcome.outputs.map(\.index) == [1])
  }

  @Test func whatTakesAnInputsPlaceMeanwhileIsTheInputIfThereIsRoomForIt() async throws {
    try inputs.put(try picture(), "x.png")
    let job = Job(outputs: [try Job.Output("grayscale", root: outputs.path)])
    let processor = try FileProcessor(job, coder: InProcessCoder(), resources: Resources(threads: 1))
    let planned = try job.plan(BatchInput(relative("x.png"), below: inputs.folder))
    try inputs.put(try picture(width: 60, height: 40), "x.png")
    let larger = try #require(await processor.process(planned).failure)
    #expect(larger.culprit == .later && larger.reason.contains("x.png was replaced"))
    try inputs.put(try picture(width: 10, height: 6, layout: .gray), "x.png")
    let outcome = await processor.process(planned)
    #expect(outcome.result == .done && outcome.size == Size(width: 10, height: 6))
    let made = try ImageFile.read(bytes: try #require(try outputs.content("x.png")))
    #expect(made.size == Size(width: 10, height: 6))
  }

  @Test func aLosslessWebPStaysLosslessUnlessTheUserSaysOtherwise() async throws {
    let lossless = try ImageFile.encode(
      Pictures.noise(width: 20, height: 12, layout: .rgb, seed: 1), as: .webp,
      options: EncodeOptions(lossless: true))
    try inputs.put(lossless, "exact.webp")
    try inputs.put(try picture(as: .webp), "lossy.webp")
    try inputs.put(try picture(), "other.png")
    var output = try Job.Output(
      "denoise", root: outputs.path, name: try NamePattern("{stem}.webp"), format: .webp)
    for (keeps, expected) in [(true, ["exact.webp"]), (false, [])] {
      output.keepsLossless = keeps
      var job = Job(outputs: [output])
      job.ifExists = .overwrite
      var found: [String] = []
      for name in ["exact.webp", "lossy.webp", "other.png"] {
        #expect(try await process(name, job).result == .done)
        let output = name.prefix { $0 != "." } + ".webp"
        let header = try ImageFile.header(bytes: try #require(try outputs.content(String(output))))
        #expect(header.format == .webp)
        if header.isLossless { found.append(name) }
      }
      #expect(found == expected)
    }
    var other = output
    other.keepsLossless = true
    #expect(Job(outputs: [output]).optionsDigest(0) != Job(outputs: [other]).optionsDigest(0))
  }

  @Test func aStoppedFileIsGivenBackUntouched() async throws {
    try inputs.put(try picture(), "x.png")
    let ledger = try Ledger(path: inputs.path + "/ledger")
    let job = Job(outputs: [try Job.Output("sharpen,grayscale", root: outputs.path)])
    let calls = Counter()
    let outcome = try await process(
      "x.png", job, ledger: ledger, watch: .init(isCancelled: { calls.next() > 3 }))
    #expect(outcome.result == .released("the run was stopped"))
    #expect(try outputs.tree().isEmpty)
    let entry = try #require(try ledger.entries(ofInput: bytes("x.png")).first)
    #expect(entry.state == .pending && entry.attempts == 0)
  }
}
