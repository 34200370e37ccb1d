import Batch
import Folders
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

@testable import Watching

/// What goes wrong around a watcher, and what it makes of it.
@Suite struct WatcherFailureTests {
  @Test func aPoisonFileIsGivenUpAfterThreeAttemptsAndStaysSo() async throws {
    let harness = try Harness()
    let poison = try path("bad.png")
    try harness.write("poison.", "bad.png")
    try await harness.run { processor, _ in
      try harness.write("fine.", "good.png")
      #expect(await eventually { (try? processor.ledger.entry(for: poison.bytes)?.state) == .quarantined })
      #expect(await eventually { harness.result("good.png") == "FINE." })
      #expect(processor.begun[poison] == 3)
    }
    // A restart is no new chance...
    try await harness.run { processor, _ in
      try harness.write("more.", "more.png")
      #expect(await eventually { harness.result("more.png") != nil })
      // ... nor is a new time.
      try harness.write("poison.", "bad.png")
      try harness.write("last.", "last.png")
      #expect(await eventually { harness.result("last.png") != nil })
      #expect(processor.begun[poison] == nil)
      let entry = try #require(try processor.ledger.entry(for: poison.bytes))
      #expect(entry.state == .quarantined && entry.attempts == 3 && entry.reason == "it is poison")
      // Another content is.
      try harness.write("cured.", "bad.png")
      #expect(await eventually { harness.result("bad.png") == "CURED." })
    }
  }

  @Test func whatIsRefusedHasAnotherChanceWhenItIsTouchedAndAtTheNextStart() async throws {
    let harness = try Harness()
    let file = try path("a.png")
    let isInTheWay = Mutex(true)
    let hook: TextProcessor.Hook = { _, _ in
      isInTheWay.withLock { $0 } ? .refused("something is in the way") : nil
    }
    let problem = WatchStatus.Problem(file: "a.png", reason: "something is in the way")
    try harness.write("text.", "a.png")
    for _ in 0..<2 {
      try await harness.run(hook: hook) { processor, _ in
        #expect(await eventually { processor.begun[file] == 3 })
        #expect(await eventually { (try? harness.status().quarantined) == 1 })
        #expect(await eventually { (try? harness.status().problems) == [problem] })
      }
    }
    try await harness.run(hook: hook) { processor, watcher in
      func touch(_ second: Double) throws {
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: second)], ofItemAtPath: harness.input + "/a.png")
      }
      #expect(await eventually { await watcher.arrivalCounts.settled == 1 })
      #expect(processor.begun[file] == 3)
      // With as many attempts as before.
      try touch(1_000_000_000)
      #expect(await eventually { processor.begun[file] == 6 })
      isInTheWay.withLock { $0 = false }
      try touch(1_000_000_001)
      #expect(await eventually { harness.result("a.png") == "TEXT." })
      #expect(await eventually { (try? harness.status().quarantined) == 0 })
    }
  }

  @Test func aFailureBeforeTheLedgerSaysNothingOfTheFileBefore() async throws {
    let harness = try Harness { settings, home in settings.failed = bytes(home + "/failed") }
    try await harness.run { processor, _ in
      try harness.write("fine.", "a.png")
      #expect(await eventually { harness.result("a.png") == "FINE." })
      try Folder(harness.settings.input).write(
        [UInt8](repeating: 1, count: 2 << 20), to: bytes("a.png"), replacing: true)
      #expect(await eventually { harness.exists("failed/a.png.json") && !harness.exists("in/a.png") })
      let json = try #require(
        FileManager.default.contents(atPath: harness.home.path + "/failed/a.png.json"))
      let reason = try jsonDecoder.decode(FailureReason.self, from: json)
      #expect(reason.attempts == 3 && reason.content == nil && reason.size == 2 << 20)
      #expect(try processor.ledger.entry(for: bytes("a.png"))?.state == .done)
    }
  }

  @Test func attemptsAreCountedAcrossRestarts() async throws {
    let harness = try Harness { settings, _ in settings.backoff = [.seconds(3600)] }
    let poison = try path("bad.png")
    try harness.write("poison.", "bad.png")
    for attempt in 1...3 {
      try await harness.run { processor, _ in
        #expect(
          await eventually {
            let entry = try? processor.ledger.entry(for: poison.bytes)
            return entry?.attempts == attempt && entry?.state != .running
          })
        #expect(await eventually { (try? harness.status().failedAttempts) == 1 })
      }
    }
    let ledger = try Ledger(path: harness.output + "/.acuity/ledger.sqlite")
    #expect(try ledger.entry(for: poison.bytes)?.state == .quarantined)
  }

  @Test func whatIsHeldBackIsTriedAgainWithoutAnotherStart() async throws {
    let harness = try Harness()
    try harness.write("text.", "a.png")
    let folders = try WatchFolders(harness.settings)
    let processor = TextProcessor(folders)
    let status = try #require(try folders.watched.folder.status(bytes("a.png")))
    let (hour, now) = (3_600_000_000_000 as Int64, Ledger.now())
    try folders.ledger.begin(
      bytes("a.png"), stamp: .init(status),
      fingerprint: Fingerprint(
        content: SHA256.digest("text."), model: processor.model, options: processor.options))
    // For an hour, which is over in a moment.
    try folders.ledger.recover(interruptionLimit: 1, now: now - hour + 200_000_000)
    #expect(try folders.ledger.entry(for: bytes("a.png"))?.state == .quarantined)
    try await harness.run(folders, processor) { _, _ in
      #expect(await eventually { harness.result("a.png") == "TEXT." })
    }
  }

  @Test func whatIsGivenUpAndStaysIsSaid() async throws {
    let harness = try Harness()
    try harness.write("poison.", "bad.png")
    let problem = WatchStatus.Problem(file: "bad.png", reason: "it is poison")
    try await harness.run { _, _ in
      #expect(await eventually { (try? harness.status().quarantined) == 1 })
      #expect(await eventually { (try? harness.status().problems) == [problem] })
    }
    // Also by the next run, until it is another file or gone.
    try await harness.run { _, _ in
      #expect(await eventually { (try? harness.status().problems) == [problem] })
      try harness.write("cured.", "bad.png")
      #expect(await eventually { harness.result("bad.png") == "CURED." })
      #expect(await eventually { (try? harness.status().problems) == [] })
    }
  }

  @Test func failedInputsAreMovedWithTheirReason() async throws {
    let harness = try Harness { settings, home in settings.failed = bytes(home + "/failed") }
    try harness.write("poison.", "sub/bad.png")
    try await harness.run { processor, _ in
      #expect(await eventually { harness.exists("failed/sub/bad.png") })
      let json = try #require(
        FileManager.default.contents(atPath: harness.home.path + "/failed/sub/bad.png.json"))
      let reason = try jsonDecoder.decode(FailureReason.self, from: json)
      #expect(reason.file == "sub/bad.png" && reason.attempts == 3 && reason.reason == "it is poison")
      #expect(reason.content == "\(SHA256.digest("poison."))")
      #expect(!harness.exists("in/sub/bad.png"))
      // Put back unchanged, it goes the same way without an attempt.
      try FileManager.default.moveItem(
        atPath: harness.home.path + "/failed/sub/bad.png", toPath: harness.input + "/sub/bad.png")
      #expect(await eventually { harness.exists("failed/sub/bad.png") })
      #expect(processor.begun.values.allSatisfy { $0 == 3 })
      let place = harness.home("failed/sub/bad.png.json")
      let again = try #require(FileManager.default.contents(atPath: place))
      #expect(try jsonDecoder.decode(FailureReason.self, from: again).attempts == 3)
    }
  }

  @Test func filesThatAreNoneAreSkippedWithAReasonAndBlockNothing() async throws {
    let harness = try Harness { settings, _ in settings.scanInterval = .milliseconds(100) }
    let input = harness.input
    try FileManager.default.createDirectory(atPath: input + "/folder.png", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: input + "/link.png", withDestinationPath: "/etc/passwd")
    #expect(mkfifo(input + "/fifo.png", 0o600) == 0)
    for (name, target) in [
      ("album", "/etc"), ("results", "../out"), (".hidden", "/etc"), ("notes", "/etc/passwd"),
      ("loop", "loop"), ("latest", "."),
    ] {
      try FileManager.default.createSymbolicLink(
        atPath: input + "/" + name, withDestinationPath: target)
    }
    for name in ["phone.HEIC", "notes.txt", ".hidden.heic"] { try harness.write("other.", name) }
    try harness.write("fine.", "good.png")
    try await harness.run { processor, _ in
      #expect(await eventually { harness.result("good.png") == "FINE." })
      #expect(await eventually { (try? harness.status().problems.count) == 4 })
      let reasons = Dictionary(
        uniqueKeysWithValues: try harness.status().problems.map { ($0.file, $0.reason) })
      #expect(reasons["fifo.png"] == "it is a fifo, not a regular file")
      #expect(reasons["phone.HEIC"]?.contains("reads no heic") == true)
      #expect(reasons["link.png"] == "it is a symbolic link, not a regular file")
      #expect(reasons["album"]?.hasPrefix("it is a link to a folder, which is not followed") == true)
      #expect(processor.begun.count == 1)
      // What is gone is no problem any more, nor what has become something else.
      for name in ["phone.HEIC", "album"] { try FileManager.default.removeItem(atPath: input + "/" + name) }
      try harness.write("other.", "album")
      #expect(await eventually { (try? harness.status().problems.count) == 2 })
    }
  }

  @Test func aFullDiskPausesAndLosesNothing() async throws {
    let harness = try Harness()
    let hasRoom = StopFlag()
    for name in ["a.png", "b.png", "c.png"] { try harness.write("text.", name) }
    let hook: TextProcessor.Hook = { _, _ in
      hasRoom.isSet ? nil : .diskFull("cannot write: no space left")
    }
    let space: @Sendable () -> [DiskSpace?] = { [DiskSpace(bytes: hasRoom.isSet ? 1 << 20 : 0, files: 100)] }
    try await harness.run(hook: hook, space: space) { processor, _ in
      #expect(await eventually { (try? harness.status().state) == .paused })
      #expect(processor.begun.values.reduce(0, +) <= harness.settings.jobs)
      let status = try harness.status()
      #expect(status.reason?.contains("no space left") == true)
      hasRoom.set()
      for name in ["a.png", "b.png", "c.png"] {
        #expect(await eventually { harness.result(name) == "TEXT." })
      }
      #expect(await eventually { (try? harness.status().state) == .watching })
      #expect(try processor.ledger.counts() == [.done: 3])
    }
  }

  @Test func aLedgerThatAnotherHoldsForAMomentEndsNothing() async throws {
    try await Harness().run { _, watcher in
      let result = try await watcher.without(ledger: .locked(path: "ledger"), 7)
      #expect(result == 7)
      await #expect(throws: WatchError.self) {
        try await watcher.without(ledger: .corrupt(path: "ledger", detail: "torn"), 7)
      }
    }
  }

  @Test func anotherFolderInItsPlaceIsWatchedInstead() async throws {
    let harness = try Harness()
    try harness.write("one.", "a.png")
    try await harness.run { processor, _ in
      #expect(await eventually { harness.result("a.png") != nil })
      try FileManager.default.moveItem(atPath: harness.input, toPath: harness.home.path + "/away")
      #expect(await eventually { (try? harness.status().state) == .missing })
      try harness.write("two.", "b.png")
      #expect(await eventually { harness.result("b.png") == "TWO." })
      #expect(try processor.ledger.entry(for: bytes("a.png"))?.hasLeft == true)
      try harness.write("three.", "c.png")
      #expect(await eventually { harness.result("c.png") == "THREE." })
    }
  }

  @Test func anEmptyFolderWithoutItsMarkerIsNotTakenForEmpty() async throws {
    let harness = try Harness()
    try harness.write("one.", "a.png")
    try await harness.run { _, _ in
      #expect(await eventually { harness.result("a.png") != nil })
      #expect(harness.exists("in/.acuity-watched"))
    }
    try FileManager.default.moveItem(atPath: harness.input, toPath: harness.home.path + "/mounted")
    try FileManager.default.createDirectory(atPath: harness.input, withIntermediateDirectories: true)
    let listener = try Listener()
    let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": listener.path]))
    try await harness.run(manager: manager) { processor, _ in
      #expect(await eventually { (try? harness.status().state) == .missing })
      // A service manager that waited for it to be ready would start it again.
      #expect(listener.receive() == "READY=1")
      #expect(try harness.status().reason?.contains("not mounted") == true)
      #expect(!harness.exists("in/.acuity-watched"))
      try FileManager.default.removeItem(atPath: harness.input)
      try FileManager.default.moveItem(atPath: harness.home.path + "/mounted", toPath: harness.input)
      try harness.write("two.", "b.png")
      #expect(await eventually { harness.result("b.png") == "TWO." })
      #expect(processor.begun == [try path("b.png"): 1])
    }
  }

  @Test func workIsGivenBackWhenTheWatcherStops() async throws {
    let harness = try Harness()
    try harness.write("long.", "a.png")
    let hook: TextProcessor.Hook = { _, course in
      while !course.isCancelled() { try? await Task.sleep(for: .milliseconds(1)) }
      return .released
    }
    try await harness.run(hook: hook) { processor, _ in
      #expect(await eventually { !processor.begun.isEmpty })
      #expect(await eventually { (try? harness.status().working.first?.file) == "a.png" })
    }
    let ledger = try Ledger(path: harness.output + "/.acuity/ledger.sqlite")
    let entry = try #require(try ledger.entry(for: bytes("a.png")))
    #expect(entry.state == .pending && entry.attempts == 0)
  }

  @Test func anEngineThatIsStuckIsNotReportedAsAlive() async throws {
    let harness = try Harness { settings, _ in settings.stallLimit = .milliseconds(500) }
    let listener = try Listener()
    let manager = try #require(
      ServiceManager(environment: ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "60000"]))
    let (isStuck, isFreed) = (StopFlag(), StopFlag())
    let hook: TextProcessor.Hook = { path, _ in
      guard path.name == bytes("stuck.png") else { return nil }
      isStuck.set()
      while !isFreed.isSet { try? await Task.sleep(for: .milliseconds(5)) }
      return nil
    }
    try await harness.run(hook: hook, manager: manager) { processor, watcher in
      defer { isFreed.set() }
      #expect(await eventually { await watcher.isWatching })
      try harness.write("text.", "stuck.png")
      #expect(await eventually { isStuck.isSet })
      let last = ContinuousClock.now
      // The loop itself goes on, and yet the reports end: for good as soon as the file's last sign is too old.
      #expect(
        await eventually {
          let isAlive = await watcher.isAlive
          return !isAlive && ContinuousClock.now - last > harness.settings.stallLimit * 2
        })
      while listener.receive(wait: false) != nil {}
      try harness.write("text.", "other.png")
      #expect(await eventually { harness.result("other.png") != nil })
      var messages: [String] = []
      while let message = listener.receive(wait: false) { messages.append(message) }
      #expect(!messages.contains("WATCHDOG=1"))
      isFreed.set()
      #expect(await eventually { listener.receive(wait: false) == "WATCHDOG=1" })
      #expect(await eventually { harness.result("stuck.png") != nil })
    }
  }
}
