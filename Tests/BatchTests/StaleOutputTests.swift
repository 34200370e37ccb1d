import Acuity
import Batch
import Folders
import Foundation
import Ledger
import Stages
import Synchronization
import TestSupport
import Testing

/// With a ledger, what is called up to date is what comes of the input as it is now, whatever has happened meanwhile.
@Suite struct StaleOutputTests {
  let inputs: TemporaryFolder
  let outputs: TemporaryFolder
  let ledger: Ledger

  init() throws {
    inputs = try TemporaryFolder()
    outputs = try TemporaryFolder()
    ledger = try Ledger(path: inputs.path + "/ledger")
  }

  private static let isCurrent = FileOutcome.Result.skipped("its output is up to date")

  private func job(
    _ stages: String = "sharpen", to folder: String = "", _ ifExists: Job.ExistingOutput = .skip
  ) throws -> Job {
    var job = Job(outputs: [try Job.Output(stages, root: outputs.path + "/" + folder)])
    job.ifExists = ifExists
    return job
  }

  private func process(
    _ path: String, _ job: Job, in folder: String? = nil, watch: FileProcessor.Watch = .init(),
    coder: any PictureCoder = InProcessCoder()
  ) async throws -> FileOutcome {
    let processor = try FileProcessor(
      job, coder: coder, ledger: ledger, resources: Resources(threads: 1))
    let root = try folder.map { try inputs.folder.folder(relative($0)) } ?? inputs.folder
    return await processor.process(try job.plan(BatchInput(relative(path), below: root)), watch: watch)
  }

  /// What comes of the picture when nothing was before.
  private func fresh(_ picture: [UInt8], _ stages: String = "sharpen") async throws -> [UInt8]? {
    let home = try TemporaryFolder()
    try home.put(picture, "in.png")
    let job = Job(outputs: [try Job.Output(stages, root: home.path + "/out")])
    let processor = try FileProcessor(job, coder: InProcessCoder(), resources: Resources(threads: 1))
    _ = await processor.process(try job.plan(BatchInput(relative("in.png"), below: home.folder)))
    return try home.content("out/in.png")
  }

  /// The picture with a byte that is wrong where its header does not show it.
  private func damaged(_ picture: [UInt8]) -> [UInt8] {
    var picture = picture
    picture[picture.count / 2] ^= 0xff
    return picture
  }

  // MARK: Work that did not end

  @Test(arguments: [Job.ExistingOutput.skip, .verify, .rename])
  func afterAFailureTheOldOutputIsNotCurrent(_ ifExists: Job.ExistingOutput) async throws {
    let job = try job(ifExists)
    try inputs.put(try picture(seed: 1), "a.png")
    #expect(try await process("a.png", job).result == .done)
    let bad = damaged(try picture(seed: 2))
    try inputs.put(bad, "a.png")
    for _ in 0..<3 { #expect(try await process("a.png", job).failure?.culprit == .input) }
    // Nor is it copied for an equal input.
    try inputs.put(bad, "b.png")
    #expect(try await process("b.png", job).failure?.culprit == .input)
    #expect(try outputs.content("b.png") == nil)
    let good = try picture(seed: 3)
    try inputs.put(good, "a.png")
    let outcome = try await process("a.png", job)
    #expect(outcome.result == .done)
    let made = try #require(outcome.outputs.first?.path.description)
    #expect(try await outputs.content(made) == fresh(good))
  }

  private func job(_ ifExists: Job.ExistingOutput) throws -> Job { try job("sharpen", to: "", ifExists) }

  @Test func afterAKillTheOldOutputIsNotCurrent() async throws {
    let job = try job()
    try inputs.put(try picture(seed: 1), "a.png")
    #expect(try await process("a.png", job).result == .done)
    let new = try picture(seed: 2)
    try inputs.put(new, "a.png")
    // As a kill in the middle of computing leaves it.
    let file = try job.plan(BatchInput(relative("a.png"), below: inputs.folder))
    let status = try #require(try inputs.folder.status(bytes("a.png")))
    let fingerprint = Fingerprint(
      content: SHA256.digest(new), model: job.outputs[0].modelDigest, options: job.optionsDigest(0))
    let key = job.ledgerKey(file.input, file.outputs[0])
    try ledger.begin(
      key, stamp: .init(size: status.size, modified: status.modified), fingerprint: fingerprint)
    try ledger.recover(interruptionLimit: 10)
    try inputs.put(new, "copy.png")
    #expect(try await process("copy.png", job).outputs.map(\.isCopy) == [false])
    #expect(try await process("a.png", job).result == .done)
    #expect(try await outputs.content("a.png") == fresh(new))
    // A kill between the output's name and the ledger's last word costs nothing.
    let digest = SHA256.digest(try #require(try outputs.content("a.png")))
    try ledger.begin(
      key, stamp: .init(size: status.size, modified: status.modified), fingerprint: fingerprint)
    try ledger.publish(key, output: bytes("a.png"), digest: digest)
    try ledger.recover(interruptionLimit: 10)
    #expect(try await process("a.png", job).result == Self.isCurrent)
    #expect(try ledger.entry(for: key)?.state == .done)
  }

  /// Whatever ended the runs was not its fault.
  @Test func aFileOfManyRunsThatWereKilledIsNotGivenUp() throws {
    let path = bytes(outputs.path + "/ledger")
    let digest = SHA256.digest("one")
    for _ in 0..<3 {
      let file = try LedgerFile(path)
      try file.ledger.begin(
        bytes("a.png"), stamp: .init(size: 1, modified: 1),
        fingerprint: Fingerprint(content: digest, model: digest, options: digest))
      file.ledger.close()
    }
    let entry = try LedgerFile(path).ledger.entry(for: bytes("a.png"))
    #expect(entry?.state == .pending && entry?.interruptions == 3)
  }

  @Test func anInputWithANewTimeIsReadOnce() async throws {
    func touch(_ second: Int64) throws {
      try inputs.folder.write(
        try picture(), to: bytes("a.png"), replacing: true,
        attributes: FileAttributes(modified: second * 1_000_000_000))
    }
    try touch(1)
    #expect(try await process("a.png", job()).result == .done)
    try touch(2)
    let first = try await process("a.png", job())
    let second = try await process("a.png", job())
    #expect(first.result == Self.isCurrent && first.times.reading > 0)
    #expect(second.result == Self.isCurrent && second.times.reading == 0)
    // So it is in another place.
    try inputs.put([], "moved/none")
    try FileManager.default.moveItem(atPath: inputs.path + "/a.png", toPath: inputs.path + "/moved/a.png")
    let file = FileAttributes(modified: 3_000_000_000)
    try inputs.folder.folder(relative("moved")).write(
      try picture(), to: bytes("a.png"), replacing: true, attributes: file)
    #expect(try await process("a.png", job(), in: "moved").result == Self.isCurrent)
    #expect(try await process("a.png", job(), in: "moved").times.reading == 0)
  }

  @Test func anInputOfTheSameSizeAndTimeIsToldByItsTimeOfChange() async throws {
    var pictures = try [1, 2].map { try picture(seed: $0) }
    // What is behind a picture's end is passed over.
    let size = try #require(pictures.map(\.count).max())
    for index in pictures.indices {
      pictures[index] += Array(repeating: 0, count: size - pictures[index].count)
    }
    func put(_ picture: [UInt8]) throws {
      try inputs.folder.write(
        picture, to: bytes("a.png"), replacing: true, attributes: FileAttributes(modified: 1_000_000_000))
    }
    try put(pictures[0])
    #expect(try await process("a.png", job()).result == .done)
    try put(pictures[1])
    #expect(try await process("a.png", job()).result == .done)
    #expect(try await outputs.content("a.png") == fresh(pictures[1]))
    // What changes the file's permissions alone costs a reading, once.
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: inputs("a.png"))
    let first = try await process("a.png", job())
    let second = try await process("a.png", job())
    #expect(first.result == Self.isCurrent && first.times.reading > 0)
    #expect(second.result == Self.isCurrent && second.times.reading == 0)
  }

  @Test func theTimeOfChangeIsTakenOverWhereAFormerVersionHasNotNotedIt() async throws {
    try inputs.put(try picture(), "a.png")
    #expect(try await process("a.png", job()).result == .done)
    let entry = try #require(try ledger.entries().first)
    #expect(entry.stamp.changed != nil)
    try ledger.restamp(entry.path, .init(size: entry.stamp.size, modified: entry.stamp.modified))
    let outcome = try await process("a.png", job())
    #expect(outcome.result == Self.isCurrent && outcome.times.reading == 0)
    #expect(try ledger.entries().first?.stamp == entry.stamp)
  }

  /// One that is not told apart would leave the outputs of a former run standing.
  @Test func whateverDecidesTheBytesOfAnOutputIsToldApart() throws {
    let job = Job(outputs: [try Job.Output("sharpen", root: outputs.path)])
    let changes: [(inout Job) -> Void] = [
      { $0.outputs[0].stageText = "sharpen:amount=1" }, { $0.outputs[0].format = .png },
      { $0.outputs[0].encoding.pngLevel = 9 }, { $0.outputs[0].encoding.quality = 50 },
      { $0.outputs[0].encoding.progressive = true }, { $0.outputs[0].encoding.lossless = true },
      { $0.outputs[0].encoding.metadata = .strip }, { $0.outputs[0].keepsLossless = false },
      { $0.outputs[0].recordsProvenance = true },
      { $0.reading.cmyk = .convert }, { $0.reading.animation = .firstFrame },
      { $0.reading.acceptsDamage = true }, { $0.instructionSet = .baseline },
    ]
    var digests = [job.optionsDigest(0)]
    for change in changes {
      var other = job
      change(&other)
      digests.append(other.optionsDigest(0))
    }
    #expect(Set(digests).count == changes.count + 1)
    var same = job
    (same.threads, same.tile, same.maxMemory) = (1, 64, 1 << 30)
    (same.ifExists, same.verification, same.keepsModificationTime) = (.verify, .decode, true)
    same.outputs[0].encoding.threads = 7
    #expect(same.optionsDigest(0) == job.optionsDigest(0))
  }

  @Test func otherOptionsThatWereStoppedAreNotCurrent() async throws {
    let content = try picture()
    try inputs.put(content, "a.png")
    #expect(try await process("a.png", job("resize:scale=2")).result == .done)
    let calls = Counter()
    let stopped = try await process(
      "a.png", job("resize:scale=3"), watch: .init(isCancelled: { calls.next() > 3 }))
    #expect(stopped.result == .released("the run was stopped"))
    let key = try #require(try ledger.entries().first?.path)
    #expect(try ledger.entry(for: key)?.state == .pending)
    #expect(try await process("a.png", job("resize:scale=3")).result == .done)
    #expect(try await outputs.content("a.png") == fresh(content, "resize:scale=3"))
  }

  #if os(Linux) || os(macOS)
    @Test func aCodecIsNotWaitedForWhenTheRunIsStopped() async throws {
      let coder = WorkerCoder(
        .init(
          executable: BuiltProducts.folder.appendingPathComponent("acuity").path, seconds: 30,
          environment: WorkerFault.variables))
      try inputs.put(try faulty("hang"), "a.jpg")
      let isWorking = Mutex(false)
      let ledger = ledger
      let watch = FileProcessor.Watch(isCancelled: {
        // From the moment on that the codec has the file: before it, the ledger knows of no work.
        let isRunning = (try? ledger.entries(in: .running).isEmpty) == false
        return isWorking.withLock { $0 } && isRunning
      })
      isWorking.withLock { $0 = true }
      let outcome = try await process("a.jpg", job(), watch: watch, coder: coder)
      #expect(outcome.result == .released("the run was stopped"))
      #expect(try ledger.counts() == [.pending: 1])
      try inputs.put(try picture(), "b.png")
      #expect(try await process("b.png", job(), coder: coder).result == .done)
    }
  #endif

  // MARK: Several folders, one ledger

  @Test func eachFolderOfOutputsHasItsOwn() async throws {
    try inputs.put(try picture(seed: 1), "a.png")
    for folder in ["1", "2"] { #expect(try await process("a.png", job(to: folder)).result == .done) }
    let new = try picture(seed: 2)
    try inputs.put(new, "a.png")
    for folder in ["1", "2"] {
      #expect(try await process("a.png", job(to: folder)).result == .done)
      #expect(try await outputs.content(folder + "/a.png") == fresh(new))
      #expect(try await process("a.png", job(to: folder)).result == Self.isCurrent)
    }
  }

  @Test func anInputOfAnotherFolderIsAnotherInput() async throws {
    try inputs.put(try picture(seed: 1), "1/a.png")
    try inputs.put(try picture(seed: 2), "2/a.png")
    #expect(try await process("a.png", job(), in: "1").result == .done)
    let first = try outputs.content("a.png")
    for ifExists in [Job.ExistingOutput.skip, .overwrite] {
      let failure = try await process("a.png", job(ifExists), in: "2").failure
      #expect(failure?.culprit == .outputName)
      #expect(failure?.reason.contains("not this input's but that of") == true)
      #expect(failure?.reason.contains("/1/a.png") == true)
      #expect(try outputs.content("a.png") == first)
    }
    // With folders of outputs of their own they are no hindrance to one another.
    #expect(try await process("a.png", job(to: "2"), in: "2").result == .done)
    #expect(try await process("a.png", job(), in: "1").result == Self.isCurrent)
  }

  @Test func aJobsOutputsMayComeInAnotherOrder() async throws {
    func job(_ order: [Int]) throws -> Job {
      let all = try [(1, "sharpen"), (2, "grayscale")].map {
        try Job.Output($0.1, root: outputs.path + "/\($0.0)")
      }
      return Job(outputs: order.map { all[$0] })
    }
    try inputs.put(try picture(seed: 1), "a.png")
    #expect(try await process("a.png", job([0, 1])).result == .done)
    #expect(try await process("a.png", job([1, 0])).result == Self.isCurrent)
    let new = try picture(seed: 2)
    try inputs.put(new, "a.png")
    #expect(try await process("a.png", job([1, 0])).result == .done)
    #expect(try await outputs.content("1/a.png") == fresh(new))
    #expect(try await outputs.content("2/a.png") == fresh(new, "grayscale"))
  }

  @Test func whatWasMovedIsFoundAgain() async throws {
    let manager = FileManager.default
    try inputs.put(try picture(seed: 1), "1/a.png")
    try inputs.put(try picture(seed: 1), "1/b.png")
    for name in ["a.png", "b.png"] {
      #expect(try await process(name, job(to: "1"), in: "1").outputs.count == 1)
    }
    try manager.moveItem(atPath: inputs.path + "/1", toPath: inputs.path + "/2")
    try manager.moveItem(atPath: outputs.path + "/1", toPath: outputs.path + "/2")
    #expect(try await process("a.png", job(to: "2"), in: "2").result == Self.isCurrent)
    // With other options it is ours to make anew.
    let other = try await process("a.png", job("grayscale", to: "2"), in: "2")
    #expect(other.result == .done)
    #expect(try await outputs.content("2/a.png") == fresh(try picture(seed: 1), "grayscale"))
    // Of another content it cannot be told from another input's.
    try inputs.put(try picture(seed: 3), "2/b.png")
    #expect(try await process("b.png", job(to: "2"), in: "2").failure?.culprit == .outputName)
  }

  @Test func aLedgerOfPathsAloneGoesOn() async throws {
    let job = try job()
    let content = try picture(seed: 1)
    try inputs.put(content, "a.png")
    let made = try #require(try await fresh(content))
    try outputs.put(made, "a.png")
    // As former versions have recorded it.
    let fingerprint = Fingerprint(
      content: SHA256.digest(content), model: job.outputs[0].modelDigest, options: job.optionsDigest(0))
    try ledger.begin(bytes("a.png"), stamp: .init(size: 1, modified: 1), fingerprint: fingerprint)
    try ledger.publish(bytes("a.png"), output: bytes("a.png"), digest: SHA256.digest(made))
    try ledger.finish(bytes("a.png"))
    #expect(try await process("a.png", job).result == Self.isCurrent)
    try inputs.put(try picture(seed: 2), "a.png")
    #expect(try await process("a.png", job).result == .done)
    #expect(try await outputs.content("a.png") == fresh(try picture(seed: 2)))
    #expect(try await process("a.png", job).result == Self.isCurrent)
  }
}
