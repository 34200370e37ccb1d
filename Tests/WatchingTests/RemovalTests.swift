import Acuity
import Batch
import Folders
import Foundation
import Ledger
import Stages
import Synchronization
import TestSupport
import Testing

@testable import Watching

/// No input is taken out of the folder on the word of a time, a size or a name: its content is read, and that of its
/// output.
@Suite struct RemovalTests {
  @Test(arguments: ["delete", "move"])
  func aNewPictureOfTheSameNameSizeAndTimeIsNoFinishedOne(_ way: String) async throws {
    let harness = try Harness { settings, home in
      settings.done = way == "move" ? .move(bytes(home + "/done")) : .delete
    }
    try await harness.run { processor, _ in
      for content in ["one.", "two."] {
        try harness.drop(content, "a.png")
        #expect(await eventually { !harness.exists("in/a.png") })
        #expect(harness.result("a.png") == content.uppercased())
      }
      #expect(processor.begun == [try path("a.png"): 2])
    }
    if way == "move" { #expect(text(harness.home("done/a~1.png")) == "two.") }
  }

  @Test func norIsOneThatComesWhereInputsAreKept() async throws {
    let harness = try Harness()
    try await harness.run { _, watcher in
      try harness.drop("one.", "a.png")
      #expect(await eventually { await watcher.arrivalCounts.settled == 1 })
      try FileManager.default.removeItem(atPath: harness.input + "/a.png")
      #expect(await eventually { await watcher.arrivalCounts.settled == 0 })
      try harness.drop("two.", "a.png")
      #expect(await eventually { harness.result("a.png") == "TWO." })
    }
  }

  @Test func aNewPictureInThePlaceOfOneThatWasGivenUpIsReadToo() async throws {
    let harness = try Harness { settings, home in settings.failed = bytes(home + "/failed") }
    try await harness.run { _, _ in
      try harness.drop("poison.", "a.png")
      #expect(await eventually { harness.exists("failed/a.png") && !harness.exists("in/a.png") })
      try harness.drop("potion.", "a.png")
      #expect(await eventually { harness.result("a.png") == "POTION." })
      #expect(harness.exists("in/a.png"))
    }
  }

  @Test(.enabled(if: tellsOfWriters()), arguments: ["delete", "move"])
  func nothingGoesThatSomebodyIsStillWriting(_ way: String) async throws {
    let harness = try Harness { settings, home in
      settings.done = way == "move" ? .move(bytes(home + "/done")) : .delete
    }
    try await harness.run { processor, _ in
      let writer = try await harness.slowly("a.png", ["one."])
      for content in ["one.", "two."] {
        try writer.seek(toOffset: 0)
        try writer.write(contentsOf: Data(content.utf8))
        try #require(await eventually { harness.result("a.png") == content.uppercased() })
        try #require(await eventually { (try? harness.status().incomplete) == 1 })
      }
      #expect(text(harness.input + "/a.png") == "two.")
      try writer.close()
      #expect(await eventually { !harness.exists("in/a.png") })
      #expect(processor.begun == [try path("a.png"): 2])
    }
    #expect(harness.result("a.png") == "TWO.")
  }

  @Test(arguments: ["garbage", "dangling link"])
  func afterARestartADamagedOutputIsMadeAgainBeforeItsInputGoes(_ damage: String) async throws {
    let home = try TemporaryFolder()
    var harness = try Harness(home: home)
    try harness.write("one.", "a.png")
    try await harness.run { _, _ in #expect(await eventually { harness.result("a.png") == "ONE." }) }
    let output = harness.output + "/a.png"
    try FileManager.default.removeItem(atPath: output)
    if damage == "garbage" {
      try Data("garbage".utf8).write(to: URL(fileURLWithPath: output))
    } else {
      try FileManager.default.createSymbolicLink(atPath: output, withDestinationPath: "nowhere")
    }
    harness = try Harness(home: home) { settings, _ in settings.done = .delete }
    try await harness.run { _, _ in
      #expect(await eventually { !harness.exists("in/a.png") })
      #expect(harness.result("a.png") == "ONE.")
    }
  }

  @Test func whatCannotBeSetAsideIsNotRemovedForTheFileBeforeIt() async throws {
    let harness = try Harness { settings, home in
      settings.done = .delete
      settings.failed = bytes(home + "/failed")
      settings.scanInterval = .milliseconds(50)
      settings.pollInterval = .milliseconds(50)
    }
    try await harness.run { _, _ in
      try harness.drop("one.", "a.png")
      #expect(await eventually { harness.result("a.png") != nil && !harness.exists("in/a.png") })
      try harness.block("failed")
      // It is too large to be read, so that the ledger knows nothing but that the one before was done.
      try harness.drop(String(repeating: "2", count: 2 << 20), "a.png")
      #expect(await eventually { (try? harness.status().quarantined) == 1 })
      let scans = try harness.status().scans
      #expect(await eventually { ((try? harness.status().scans) ?? 0) > scans + 2 })
      #expect(harness.exists("in/a.png"))
    }
  }

  @Test func whatCannotBeMovedHasNotLeft() async throws {
    let harness = try Harness { settings, home in settings.done = .move(bytes(home + "/done")) }
    try await harness.run { _, _ in
      try harness.block("done")
      try harness.drop("one.", "a.png")
      #expect(await eventually { (try? harness.status().problems.isEmpty) == false })
      #expect(harness.result("a.png") == "ONE." && harness.exists("in/a.png"))
    }
    let ledger = try Ledger(path: harness.output + "/.acuity/ledger.sqlite")
    let entry = try #require(try ledger.entry(for: bytes("a.png")))
    #expect(entry.state == .done && !entry.hasLeft)
  }

  @Test(arguments: ["delete", "move"]) func whatIsReplacedAsItIsDoneHasNotLeft(_ way: String) async throws {
    let harness = try Harness { settings, home in
      settings.done = way == "move" ? .move(bytes(home + "/done")) : .delete
    }
    let folders = try WatchFolders(harness.settings)
    let ledger = folders.ledger
    let wasThere = Mutex<[Bool?]>([])
    let processor = TextProcessor(folders) { path, _ in
      let entry = try? ledger.entry(for: path.bytes)
      let isFirst = wasThere.withLock { wasThere in
        wasThere.append(entry.map { !$0.hasLeft })
        return wasThere.count == 1
      }
      if isFirst { try? harness.drop("two.", "a.png") }
      return nil
    }
    try harness.write("one.", "a.png")
    try await harness.run(folders, processor) { _, _ in
      #expect(await eventually { !harness.exists("in/a.png") })
    }
    #expect(harness.result("a.png") == "TWO.")
    #expect(wasThere.withLock { $0 } == [true, true])
  }

  @Test func whatAnotherFolderInThePlaceDoesNotHoldHasLeft() async throws {
    let home = try TemporaryFolder()
    func hasLeft(_ harness: Harness) throws -> Bool {
      let ledger = try Ledger(path: harness.output + "/.acuity/ledger.sqlite")
      return try #require(try ledger.entry(for: bytes("a.png"))).hasLeft
    }
    var harness = try Harness(home: home)
    try harness.write("one.", "a.png")
    for _ in 1...2 {
      try await harness.run { _, watcher in
        #expect(await eventually { await watcher.arrivalCounts.settled == 1 })
      }
      #expect(try !hasLeft(harness))
      harness = try Harness(home: home)
    }
    try FileManager.default.moveItem(atPath: harness.input, toPath: home.path + "/former")
    harness = try Harness(home: home)
    try harness.write("two.", "b.png")
    try await harness.run { _, _ in #expect(await eventually { harness.result("b.png") == "TWO." }) }
    #expect(try hasLeft(harness) && harness.result("a.png") == "ONE.")
    // The former one is back, with the same picture.
    try FileManager.default.removeItem(atPath: harness.input)
    try FileManager.default.moveItem(atPath: home.path + "/former", toPath: harness.input)
    try await harness.run { processor, watcher in
      #expect(await eventually { await watcher.arrivalCounts.settled == 1 })
      #expect(processor.begun.isEmpty)
    }
    #expect(try !hasLeft(harness))
  }

  @Test func aMarkerGetsAnIdentityAndKeepsIt() async throws {
    for (isNamed, expected) in [(false, "this is folder "), (true, "this is folder one\noutputs go to ")] {
      let harness = try Harness()
      // There are outputs already.
      try harness.home.folder.folder(try path("out"), create: true)
        .write(bytes("ONE."), to: bytes("a.png"), replacing: false)
      let former = isNamed ? "this is folder one\n" : "outputs go to \(harness.output)\n"
      try harness.write("acuity watches this folder\n" + former, ".acuity-watched")
      try await harness.run { _, _ in
        let marker = harness.input + "/.acuity-watched"
        #expect(await eventually { text(marker)?.contains(expected) == true })
      }
    }
  }

  // MARK: The processor of pictures

  private struct Bench {
    let home: TemporaryFolder
    let ledger: Ledger
    let processor: PictureProcessor

    init(ifExists: Job.ExistingOutput = .skip) throws {
      home = try TemporaryFolder()
      ledger = try Ledger(path: home.path + "/ledger")
      let stages = try StageRegistry.builtIn.pipeline(parsing: "sharpen", environment: StageEnvironment())
      let output = try Folder(bytes(home.path + "/out"), create: true)
      var job = Job(outputs: [Job.Output(root: bytes(output.path), stages: stages, stageText: "sharpen")])
      job.takesOnlyEqualOutputs = true
      job.ifExists = ifExists
      processor = PictureProcessor(
        try FileProcessor(
          job, coder: InProcessCoder(), ledger: ledger, resources: Resources(threads: 1), roots: [output]),
        ledger: ledger)
    }

    func process(_ name: String) async throws -> Outcome {
      await processor.process(
        try path(name), below: home.folder, unchangedFor: .seconds(3600), course: WorkCourse())
    }

    func output(_ name: String) -> Data? { FileManager.default.contents(atPath: home.path + "/out/" + name) }
  }

  @Test func twoPicturesThatAgreeInSizeAndTimeAreTwo() async throws {
    let bench = try Bench()
    var outputs: Set<Data> = []
    for gray in [0, 200] as [UInt8] {
      try bench.home.folder.write(
        bitmap(gray), to: bytes("a.bmp"), replacing: true,
        attributes: FileAttributes(modified: 315_532_800 * 1_000_000_000))
      #expect(try await bench.process("a.bmp") == .done)
      outputs.insert(try #require(bench.output("a.png")))
    }
    #expect(outputs.count == 2)
  }

  @Test func aDamagedReplacementIsNeverCalledDone() async throws {
    let bench = try Bench()
    let image = Pictures.noise(width: 60, height: 60, layout: .rgb, seed: 1)
    var file = try ImageFile.encode(image, as: .png)
    try bench.home.folder.write(file, to: bytes("a.png"), replacing: true)
    #expect(try await bench.process("a.png") == .done)
    let first = bench.output("a.png")
    file[file.count / 2] ^= 0xff
    try bench.home.folder.write(file, to: bytes("a.png"), replacing: true)
    for attempt in 1...3 {
      guard case .failed = try await bench.process("a.png") else {
        Issue.record("done, at attempt \(attempt)")
        return
      }
      #expect(try bench.ledger.entry(for: bytes("a.png"))?.attempts == attempt)
    }
    #expect(bench.output("a.png") == first)
    // The output is still its own to replace.
    let other = Pictures.noise(width: 60, height: 60, layout: .rgb, seed: 2)
    try bench.home.folder.write(try ImageFile.encode(other, as: .png), to: bytes("a.png"), replacing: true)
    #expect(try await bench.process("a.png") == .done)
    #expect(bench.output("a.png") != first)
  }

  @Test(arguments: [Job.ExistingOutput.skip, .overwrite])
  func theOutputOfAPictureThatWasTakenOutIsReplacedOnlyIfAskedFor(_ ifExists: Job.ExistingOutput) async throws
  {
    let bench = try Bench(ifExists: ifExists)
    func put(_ seed: UInt64, isDamaged: Bool = false) throws {
      var file = try ImageFile.encode(
        Pictures.noise(width: 60, height: 60, layout: .rgb, seed: seed), as: .png)
      if isDamaged { file[file.count / 2] ^= 0xff }
      try bench.home.folder.write(file, to: bytes("a.png"), replacing: true)
    }
    try put(1)
    #expect(try await bench.process("a.png") == .done)
    let first = try #require(bench.output("a.png"))
    // As the watcher does before it removes the input.
    try bench.ledger.note(bytes("a.png"), hasLeft: true)
    try put(2, isDamaged: true)
    #expect(try await bench.process("a.png") != .done)
    for _ in 0..<2 {
      try put(3)
      let outcome = try await bench.process("a.png")
      guard ifExists == .skip else {
        #expect(outcome == .done && bench.output("a.png") != first)
        return
      }
      guard case .refused(let reason) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(reason.contains("out/a.png is there already"))
      #expect(bench.output("a.png") == first)
    }
    // Out of the way, it is in nobody's.
    try FileManager.default.removeItem(atPath: bench.home.path + "/out/a.png")
    #expect(try await bench.process("a.png") == .done)
    // Whose output is there may come back, and change where it is.
    try bench.ledger.note(bytes("a.png"), hasLeft: true)
    #expect(try await bench.process("a.png") == .done)
    try put(4)
    #expect(try await bench.process("a.png") == .done)
  }

  @Test func aDamagedOutputIsMadeAgainAndAStrangersIsKept() async throws {
    let bench = try Bench()
    let image = Pictures.noise(width: 60, height: 60, layout: .rgb, seed: 1)
    try bench.home.folder.write(try ImageFile.encode(image, as: .png), to: bytes("a.png"), replacing: true)
    #expect(try await bench.process("a.png") == .done)
    let first = try #require(bench.output("a.png"))
    let place = URL(fileURLWithPath: bench.home.path + "/out/a.png")
    try first.dropLast(40).write(to: place)
    #expect(try await bench.process("a.png") == .done)
    #expect(bench.output("a.png") == first)
    try Data("garbage".utf8).write(to: place)
    guard case .refused = try await bench.process("a.png") else {
      Issue.record("the input would be removed")
      return
    }
    #expect(bench.output("a.png") == Data("garbage".utf8))
  }

  @Test func aFileThatWasInWorkAtManyDeathsIsHeldBackAndThenTriedAgain() async throws {
    let bench = try Bench()
    let file = try ImageFile.encode(Pictures.noise(width: 20, height: 12, layout: .rgb, seed: 1), as: .png)
    try bench.home.folder.write(file, to: bytes("a.png"), replacing: true)
    let fingerprint = Fingerprint(
      content: SHA256.digest(file), model: bench.processor.model, options: bench.processor.options)
    func die(now: Int64) throws {
      try bench.ledger.begin(bytes("a.png"), stamp: .init(size: 1, modified: 1), fingerprint: fingerprint)
      try bench.ledger.recover(interruptionLimit: 1, now: now)
    }
    try die(now: Ledger.now())
    guard case .held(let reason, let rest) = try await bench.process("a.png") else {
      Issue.record("a poison would kill at once again")
      return
    }
    #expect(reason.contains("died") && rest > .seconds(1800) && rest <= .seconds(3600))
    #expect(bench.output("a.png") == nil)
    // Its time has come, and so it has when the clock was wrong.
    try die(now: Ledger.now() - 4 * 3600 * 1_000_000_000)
    #expect(try await bench.process("a.png") == .done)
    #expect(try bench.ledger.entry(for: bytes("a.png"))?.interruptions == 0)
  }
}

extension Harness {
  /// Puts a file into the watched folder whole, with always the same time.
  func drop(_ text: String, _ name: String) throws {
    let time = FileAttributes(modified: 315_532_800 * 1_000_000_000)
    try Folder(settings.input).write(bytes(text), to: bytes(name), replacing: true, attributes: time)
  }

  /// Puts a file into the place of an empty folder, where none can be made then.
  func block(_ folder: String) throws {
    try FileManager.default.removeItem(atPath: home(folder))
    try home.write([], to: folder)
  }
}
