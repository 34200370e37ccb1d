import Batch
import Folders
import Foundation
import Ledger
import TestSupport
import Testing
import Watching

/// The end of a watch, and folders with which none begins.
@Suite struct StoppingTests {
  @Test func workThatTakesNoNoticeOfTheEndIsGivenBackAndNotWaitedFor() async throws {
    let harness = try Harness { settings, _ in settings.stopLimit = .milliseconds(50) }
    try harness.write("long.", "a.png")
    let isAbandoned = StopFlag()
    let hook: TextProcessor.Hook = { _, _ in
      // As a plug-in that does not return: until the process ends.
      while !isAbandoned.isSet { try? await Task.sleep(for: .milliseconds(5)) }
      return nil
    }
    let folders = try WatchFolders(harness.settings)
    let processor = TextProcessor(folders, hook: hook)
    let found = Found()
    let watcher = try Watcher(
      harness.settings, folders: folders, processor: processor, logger: quiet,
      abandon: {
        if !isAbandoned.isSet { found.note(try? folders.ledger.entry(for: bytes("a.png"))) }
        isAbandoned.set()
      })
    async let end: Void = watcher.run()
    #expect(await eventually { (try? folders.ledger.entries(in: .running).count) == 1 })
    watcher.requestStop()
    #expect(await eventually { isAbandoned.isSet })
    try await end
    #expect(found.entry?.state == .pending && found.entry?.attempts == 0)
  }

  @Test(arguments: [
    ("out", "failed"), ("done", "out"), ("both", "both"), ("out/.acuity", "failed"), ("done", "link"),
  ])
  func foldersForTwoPurposesAreRefusedBeforeAnythingIsMade(_ done: String, _ failed: String) throws {
    let harness = try Harness { settings, home in
      settings.done = .move(bytes(home + "/" + done))
      settings.failed = bytes(home + "/" + failed)
    }
    if failed == "link" {
      try FileManager.default.createSymbolicLink(
        atPath: harness.home("link"), withDestinationPath: harness.home("done"))
      try FileManager.default.createDirectory(atPath: harness.home("done"), withIntermediateDirectories: true)
    }
    #expect {
      try WatchFolders(harness.settings)
    } throws: { error in
      guard case .overlap(let text) = error as? WatchError else { return false }
      return text.contains("choose separate folders") && (error as? WatchError)?.culprit == .usage
    }
    #expect(!harness.exists("out") && !harness.exists("both") && !harness.exists("failed"))
  }

  private static let ownPlaces: [(status: String?, metrics: String?)] = [
    ("out/.acuity/ledger.sqlite", nil), ("status", "out/./.acuity/lock"), (nil, "out/.acuity/status.json"),
    (nil, "in/.acuity-watched"), ("both", "both"),
  ]

  @Test(arguments: ownPlaces)
  func theWatchersOwnFilesDoNotGiveWayToItsStatus(_ status: String?, _ metrics: String?) throws {
    let harness = try Harness { settings, home in
      settings.statusFile = status.map { bytes(home + "/" + $0) }
      settings.metricsFile = metrics.map { bytes(home + "/" + $0) }
    }
    #expect {
      try WatchFolders(harness.settings)
    } throws: { error in
      guard case .overlap(let text) = error as? WatchError else { return false }
      let isOfBoth = status == metrics || metrics == "out/.acuity/status.json"
      return text.contains(isOfBoth ? "replace each other" : "choose another file")
        && (error as? WatchError)?.culprit == .usage
    }
    #expect(!harness.exists("out"))
  }

  #if os(Linux)
    @Test(.enabled(if: otherDisk != nil, "needs a second disk"), arguments: ["done", "failed"])
    func aCopyOntoAnotherDiskIsNotWaitedFor(_ end: String) async throws {
      let disk = try TemporaryFolder(in: otherDisk)
      let place = disk(end)
      let harness = try Harness { settings, _ in
        settings.done = end == "done" ? .move(bytes(place)) : .delete
        settings.failed = end == "failed" ? bytes(place) : nil
        settings.attempts = 1
      }
      try harness.write(end == "done" ? "text." : "poison.", "a.png")
      let untilTheEnd: TextProcessor.Hook = { _, course in
        while !course.isCancelled() { usleep(1000) }
        return nil
      }
      try await harness.run(hook: untilTheEnd) { processor, _ in
        #expect(await eventually { !processor.begun.isEmpty })
      }
      #expect(harness.exists("in/a.png"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: place).isEmpty)
      try await harness.run { _, _ in
        #expect(await eventually { !harness.exists("in/a.png") })
        #expect(text(place + "/a.png") != nil)
      }
      withExtendedLifetime(disk) {}
    }
  #endif

  @Test func aStateThatServesAnotherFolderOfOutputsFinishesNothingThere() async throws {
    let home = try TemporaryFolder()
    for output in ["one", "two", "two"] {
      let harness = try Harness(home: home) { settings, home in
        settings.output = bytes(home + "/" + output)
        settings.state = bytes(home + "/state")
        settings.statusFile = bytes(home + "/status.json")
      }
      if output == "one" { try harness.write("text.", "a.png") }
      try await harness.run { _, _ in
        #expect(await eventually { harness.result("a.png") == "TEXT." })
      }
    }
  }
}

private final class Found: @unchecked Sendable {
  private let lock = NSLock()
  private var value: LedgerEntry?

  func note(_ entry: LedgerEntry?) { lock.withLock { value = entry } }
  var entry: LedgerEntry? { lock.withLock { value } }
}
