import Acuity
import Batch
import Folders
import Foundation
import Ledger
import Stages
import TestSupport
import Testing

/// Whose an output is that is there already, and what becomes of the others.
@Suite struct OutputOwnershipTests {
  let inputs: TemporaryFolder
  let outputs: TemporaryFolder
  let ledger: Ledger

  init() throws {
    inputs = try TemporaryFolder()
    outputs = try TemporaryFolder()
    ledger = try Ledger(path: inputs.path + "/ledger")
  }

  /// A job whose outputs are PNGs, so that inputs of two formats want the same name.
  private func job(_ ifExists: Job.ExistingOutput) throws -> Job {
    var job = Job(outputs: [try Job.Output("sharpen", root: outputs.path, format: .png)])
    job.ifExists = ifExists
    return job
  }

  private func process(_ path: String, _ job: Job, ledger: Ledger?) async throws -> FileOutcome {
    let processor = try FileProcessor(
      job, coder: InProcessCoder(), ledger: ledger, resources: Resources(threads: 1))
    return await processor.process(try job.plan(BatchInput(relative(path), below: inputs.folder)))
  }

  /// Of the picture `a.png` in one of several folders.
  private func process(_ folder: String, _ ifExists: Job.ExistingOutput) async throws -> FileOutcome {
    let root = try inputs.folder.folder(relative(folder))
    let job = try job(ifExists)
    let processor = try FileProcessor(
      job, coder: InProcessCoder(), ledger: ledger, resources: Resources(threads: 1))
    return await processor.process(try job.plan(BatchInput(relative("a.png"), below: root)))
  }

  @Test func anotherInputsFinishedOutputIsNeverReplaced() async throws {
    let job = try job(.overwrite)
    try inputs.put(try picture(seed: 1), "a.png")
    try inputs.put(try picture(seed: 2, as: .webp), "a.webp")
    #expect(try await process("a.png", job, ledger: ledger).result == .done)
    let first = try outputs.content("a.png")
    let failure = try #require(try await process("a.webp", job, ledger: ledger).failure)
    #expect(failure.culprit == .outputName && failure.reason.contains("not this input's but that of a.png"))
    #expect(try outputs.content("a.png") == first)
    // Its own output is an input's to replace, and so is what nobody has made.
    try inputs.put(try picture(seed: 3), "a.png")
    #expect(try await process("a.png", job, ledger: ledger).result == .done)
    #expect(try outputs.content("a.png") != first)
    try outputs.put(bytes("somebody's"), "a.png")
    #expect(try await process("a.webp", job, ledger: ledger).result == .done)
  }

  @Test func whatTwoEqualInputsHaveInCommonIsEachOnesToReplace() async throws {
    for folder in ["here", "there"] { try inputs.put(try picture(seed: 1), folder + "/a.png") }
    #expect(try await process("here", .skip).result == .done)
    #expect(try await process("there", .skip).result == .skipped("its output is up to date"))
    try inputs.put(try picture(seed: 2), "there/a.png")
    #expect(try await process("there", .skip).result == .done)
    // From then on it is that one's alone.
    #expect(try await process("here", .skip).failure?.culprit == .outputName)
  }

  @Test func theOutputOfAnInputThatIsGoneIsReplacedOnRequest() async throws {
    try inputs.put(try picture(seed: 1), "here/a.png")
    try inputs.put(try picture(seed: 2), "there/a.png")
    #expect(try await process("here", .skip).result == .done)
    let first = try outputs.content("a.png")
    #expect(try await process("there", .overwrite).failure?.culprit == .outputName)
    // Its folder with it.
    try FileManager.default.removeItem(atPath: inputs.path + "/here")
    let failure = try #require(try await process("there", .skip).failure)
    #expect(failure.culprit == .outputName && failure.reason.contains("here/a.png, which is gone: choose"))
    #expect(try outputs.content("a.png") == first)
    #expect(try await process("there", .overwrite).result == .done)
    #expect(try outputs.content("a.png") != first)
    #expect(try await process("there", .skip).result == .skipped("its output is up to date"))
  }

  @Test(arguments: [Job.ExistingOutput.skip, .verify])
  func anotherInputsOutputIsNeverTakenForOnesOwn(_ ifExists: Job.ExistingOutput) async throws {
    try inputs.put(try picture(seed: 1, as: .webp), "a.webp")
    #expect(try await process("a.webp", job(.skip), ledger: ledger).result == .done)
    let first = try outputs.content("a.png")
    try inputs.folder.remove(bytes("a.webp"))
    try inputs.put(try picture(seed: 2), "a.png")
    let failure = try #require(try await process("a.png", job(ifExists), ledger: ledger).failure)
    #expect(failure.culprit == .outputName && failure.reason.contains("not this input's but that of a.webp"))
    #expect(try outputs.content("a.png") == first)
  }

  @Test(arguments: [Job.ExistingOutput.skip, .verify])
  func anEqualOutputOfARunBesideThisOneIsAsGood(_ ifExists: Job.ExistingOutput) async throws {
    try inputs.put(try picture(), "a.png")
    let plain = Job(outputs: [Job.Output(root: bytes(outputs.path), stages: .init(steps: []), stageText: "")])
    #expect(try await process("a.png", plain, ledger: nil).result == .done)
    let equal = try #require(try outputs.content("a.png"))
    for (other, result) in [(equal, true), (try picture(width: 21), false)] {
      try outputs.folder.remove(bytes("a.png"))
      let outputs = outputs
      let stage = TaskStage { (try? outputs.put(other, "a.png")) != nil }
      let pipeline = StagePipeline(steps: [StagePipeline.Step(name: "slow", stage: stage)])
      var job = Job(outputs: [Job.Output(root: bytes(outputs.path), stages: pipeline, stageText: "slow")])
      job.ifExists = ifExists
      let outcome = try await process("a.png", job, ledger: nil)
      #expect(outcome.result == .done || !result)
      #expect(outcome.failure?.culprit == (result ? nil : .later))
      #expect(try outputs.content("a.png") == other)
    }
  }

  @Test func outputsOfOneJobAreNoStrangersToEachOther() async throws {
    var job = Job(outputs: [
      try Job.Output("sharpen", root: outputs.path + "/1"),
      try Job.Output("sharpen", root: outputs.path + "/2"),
    ])
    job.ifExists = .overwrite
    for seed in 1...2 {
      try inputs.put(try picture(seed: UInt64(seed)), "a.png")
      #expect(try await process("a.png", job, ledger: ledger).result == .done)
    }
  }

  @Test func ofTwoThatReplaceTheSameFileAtATimeOneFails() async throws {
    let ledger = ledger
    let both = TaskStage { (try? ledger.counts().values.reduce(0, +)) == 2 }
    let pipeline = StagePipeline(steps: [StagePipeline.Step(name: "both", stage: both)])
    var job = Job(outputs: [
      Job.Output(root: bytes(outputs.path), stages: pipeline, stageText: "both", format: .png)
    ])
    job.ifExists = .overwrite
    try outputs.put(bytes("somebody's"), "a.png")
    try inputs.put(try picture(seed: 1), "a.png")
    try inputs.put(try picture(seed: 2, as: .webp), "a.webp")
    let processor = try FileProcessor(
      job, coder: InProcessCoder(), ledger: ledger, resources: Resources(threads: 2))
    let files = try ["a.png", "a.webp"].map { try job.plan(BatchInput(relative($0), below: inputs.folder)) }
    async let first = processor.process(files[0])
    async let second = processor.process(files[1])
    let outcomes = await [first, second]
    #expect(outcomes.count { $0.result == .done } == 1)
    #expect(outcomes.compactMap(\.failure).first?.culprit == .outputName)
  }

  @Test func oneUnfittingOutputCostsOnlyItself() async throws {
    let job = Job(outputs: [
      try Job.Output("sharpen", root: outputs.path + "/1"),
      try Job.Output("grayscale", root: outputs.path + "/2"),
    ])
    try inputs.put(try picture(), "a.png")
    for ledger in [nil, ledger] {
      try outputs.put(try picture(width: 21), "1/a.png")
      let outcome = try await process("a.png", job, ledger: ledger)
      #expect(outcome.failure?.culprit == .outputName && outcome.failure?.reason.contains("/1/a.png") == true)
      #expect(outcome.outputs.map(\.index) == [1])
      #expect(try outputs.content("1/a.png") == picture(width: 21))
      // The next run has nothing left to do but to say so.
      let again = try await process("a.png", job, ledger: ledger)
      #expect(again.failure?.culprit == .outputName && again.outputs.isEmpty)
      try outputs.folder.folder(relative("2")).remove(bytes("a.png"))
    }
    try outputs.put(try picture(width: 21), "2/a.png")
    let reason = try await process("a.png", job, ledger: nil).failure?.reason
    #expect(reason?.contains("/1/a.png") == true && reason?.contains("/2/a.png") == true)
  }

  @Test func whatIsTheSameToTheByteIsTakenForTheOutput() async throws {
    var job = try job(.skip)
    try inputs.put(try picture(seed: 1), "a.png")
    #expect(try await process("a.png", job, ledger: nil).result == .done)
    let output = try #require(try outputs.content("a.png"))
    job.takesOnlyEqualOutputs = true
    #expect(try await process("a.png", job, ledger: ledger).result == .done)
    #expect(try outputs.content("a.png") == output)
    #expect(try ledger.entries(ofInput: bytes("a.png")).first?.outputDigest == SHA256.digest(output))
    #expect(try await process("a.png", job, ledger: ledger).result == .skipped("its output is up to date"))
    // The right form alone is not enough, nor is the output of another input.
    try inputs.put(try picture(seed: 2), "b.png")
    try outputs.put(output, "b.png")
    let failure = try await process("b.png", job, ledger: ledger).failure
    #expect(failure?.culprit == .outputName && failure?.reason.contains("b.png is there already") == true)
    #expect(try outputs.content("b.png") == output)
    let image = try ImageFile.read(bytes: try picture(seed: 1))
    try inputs.put(
      try ImageFile.encode(image, as: .webp, options: EncodeOptions(lossless: true)), "a.webp")
    #expect(
      try await process("a.webp", job, ledger: ledger).failure?.reason.contains("that of a.png") == true)
  }
}
