import Batch
import Folders
import Foundation
import Synchronization
import TestSupport
import Testing
import Watching

/// An output folder that vanishes, as with its disk, or gives way to another one.
@Suite struct OutputFolderTests {
  private let manager = FileManager.default

  /// What an output folder's own status file says while the folder lies elsewhere.
  private func state(_ harness: Harness, in folder: String) -> WatchStatus.State? {
    let path = harness.home(folder + "/.acuity/status.json")
    return manager.contents(atPath: path).flatMap { try? jsonDecoder.decode(WatchStatus.self, from: $0) }?
      .state
  }

  @Test func nothingIsDoneInAnotherFolderThatComesIntoItsPlace() async throws {
    let harness = try Harness { settings, _ in settings.done = .delete }
    try await harness.run { processor, watcher in
      #expect(await eventually { await watcher.isWatching })
      try manager.moveItem(atPath: harness.output, toPath: harness.home("disk"))
      try manager.createDirectory(atPath: harness.output, withIntermediateDirectories: true)
      #expect(await eventually { state(harness, in: "disk") == .missing })
      try harness.write("one.", "a.png")
      // Many times what it takes to settle and to be looked for.
      try await Task.sleep(for: .milliseconds(300))
      #expect(processor.begun.isEmpty)
      #expect(try manager.contentsOfDirectory(atPath: harness.output).isEmpty)
      // Once the disk is back, everything goes on.
      try manager.removeItem(atPath: harness.output)
      try manager.moveItem(atPath: harness.home("disk"), toPath: harness.output)
      #expect(await eventually { harness.result("a.png") == "ONE." })
      #expect(await eventually { !harness.exists("in/a.png") })
      #expect(processor.begun == [try path("a.png"): 1])
    }
  }

  /// The folder is looked for now and then; every file fails in between.
  @Test func whatFailsWhileTheFolderIsGoneIsNotGivenUp() async throws {
    let harness = try Harness { settings, _ in settings.attempts = 1 }
    let isAway = Mutex<Bool?>(nil)
    let hook: TextProcessor.Hook = { _, _ in
      isAway.withLock { isAway in
        if isAway == nil {
          let moved: Void? = try? FileManager.default.moveItem(
            atPath: harness.output, toPath: harness.home("disk"))
          isAway = moved != nil
        }
        return isAway == true ? .refused("there is no such folder") : nil
      }
    }
    try harness.write("one.", "a.png")
    try await harness.run(hook: hook) { _, _ in
      #expect(await eventually { state(harness, in: "disk") == .missing })
      try manager.moveItem(atPath: harness.home("disk"), toPath: harness.output)
      isAway.withLock { $0 = false }
      #expect(await eventually { harness.result("a.png") == "ONE." })
    }
  }

  @Test func anotherWatchersOutputFolderEndsTheWatchSoThatTheNextRunTakesIt() async throws {
    let harness = try Harness()
    let error = await #expect(throws: WatchError.self) {
      try await harness.run { _, watcher in
        #expect(await eventually { await watcher.isWatching })
        try manager.createDirectory(atPath: harness.home("new/.acuity"), withIntermediateDirectories: true)
        try manager.moveItem(atPath: harness.output, toPath: harness.home("old"))
        try manager.moveItem(atPath: harness.home("new"), toPath: harness.output)
        #expect(await eventually { state(harness, in: "old") == .stopped })
      }
    }
    #expect(error?.culprit == .later && error?.description.contains("start again") == true)
    _ = try WatchFolders(harness.settings)
  }

  /// Of the state folder, of the ledger alone, and another one in its place.
  @Test(arguments: ["out/.acuity", "out/.acuity/ledger.sqlite", "other"])
  func theLossOfTheLedgerEndsTheWatchAndTheNextRunLosesNothing(lost: String) async throws {
    let harness = try Harness { settings, _ in settings.done = .delete }
    try harness.write("one.", "a.png")
    let error = await #expect(throws: WatchError.self) {
      try await harness.run { processor, watcher in
        #expect(await eventually { harness.result("a.png") == "ONE." && !harness.exists("in/a.png") })
        if lost == "other" {
          try manager.copyItem(
            atPath: harness.home("out/.acuity/ledger.sqlite"), toPath: harness.home("other"))
          #expect(rename(harness.home("other"), harness.home("out/.acuity/ledger.sqlite")) == 0)
        } else {
          try manager.removeItem(atPath: harness.home(lost))
        }
        #expect(await eventually { !(await watcher.isWatching) })
        try harness.write("two.", "b.png")
      }
    }
    #expect(error?.culprit == .later, "\(String(describing: error))")
    #expect(error?.description.contains("ledger.sqlite was removed or replaced") == true)
    #expect(error?.description.contains("start again") == true)
    try await harness.run { _, _ in
      #expect(await eventually { harness.result("b.png") == "TWO." && !harness.exists("in/b.png") })
    }
    #expect(harness.result("a.png") == "ONE.")
  }

  @Test(arguments: [false, true]) func aRestartDoesNotTakeTheBarePlaceForTheFolder(isThere: Bool) async throws
  {
    let harness = try Harness()
    try harness.write("one.", "a.png")
    try await harness.run { _, _ in
      #expect(await eventually { harness.result("a.png") == "ONE." })
    }
    try manager.moveItem(atPath: harness.output, toPath: harness.home("disk"))
    if isThere { try manager.createDirectory(atPath: harness.output, withIntermediateDirectories: true) }
    let error = #expect(throws: WatchError.self) { try WatchFolders(harness.settings) }
    #expect(error?.culprit == .later && error?.description.contains("not mounted") == true)
    #expect(harness.exists("out") == isThere)
    if isThere { #expect(try manager.contentsOfDirectory(atPath: harness.output).isEmpty) }
    // Another spelling is the same folder; another folder is none of its business.
    var other = harness.settings
    other.output = bytes(harness.home.path + "/./out/")
    other.state = bytes(harness.home("state"))
    #expect { try WatchFolders(other) } throws: { ($0 as? WatchError)?.culprit == .later }
    other.output = bytes(harness.home("elsewhere"))
    _ = try WatchFolders(other)
    // Any file makes it a folder like any other.
    try manager.createDirectory(atPath: harness.output, withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: harness.output + "/new"))
    _ = try WatchFolders(harness.settings)
  }

  @Test func withItsStateElsewhereAnEmptiedFolderIsKnownAgain() async throws {
    let harness = try Harness { settings, home in settings.state = bytes(home + "/state") }
    try harness.write("one.", "a.png")
    try await harness.run { _, _ in
      #expect(await eventually { harness.result("a.png") == "ONE." })
      #expect(await eventually { text(harness.input + "/.acuity-watched")?.contains("/out\n") == true })
    }
    // Somebody fetches the outputs.
    try manager.removeItem(atPath: harness.output + "/a.png")
    _ = try WatchFolders(harness.settings)
    try manager.moveItem(atPath: harness.output, toPath: harness.home("disk"))
    #expect { try WatchFolders(harness.settings) } throws: { ($0 as? WatchError)?.culprit == .later }
  }

  @Test(arguments: [false, true]) func whileTheStartWaitsTheStatusFilesSaySo(isThere: Bool) async throws {
    let harness = try Harness { settings, home in
      settings.statusFile = bytes(home + "/status.json")
      settings.metricsFile = bytes(home + (isThere ? "/out/metrics.prom" : "/metrics.prom"))
    }
    func status() -> WatchStatus? {
      manager.contents(atPath: harness.home("status.json")).flatMap {
        try? jsonDecoder.decode(WatchStatus.self, from: $0)
      }
    }
    try await harness.run { _, _ in
      #expect(await eventually { text(harness.input + "/.acuity-watched")?.contains("/out\n") == true })
    }
    try manager.moveItem(atPath: harness.output, toPath: harness.home("disk"))
    if isThere { try manager.createDirectory(atPath: harness.output, withIntermediateDirectories: true) }
    // As a killed one has left it.
    try manager.removeItem(atPath: harness.home("status.json"))
    let stop = StopFlag()
    async let folders = WatchFolders.open(harness.settings, logger: quiet, stop: stop)
    #expect(await eventually { status()?.state == .missing && status()?.reason?.contains("mounted") == true })
    if !isThere {
      let line = "acuity_watch_state{state=\"missing\"} 1\n"
      #expect(await eventually { text(harness.home("metrics.prom"))?.contains(line) == true })
    }
    stop.set()
    #expect(try await folders == nil)
    #expect(status()?.state == .stopped)
    // The place of the disk is still bare.
    #expect(harness.exists("out") == isThere)
    if isThere { #expect(try manager.contentsOfDirectory(atPath: harness.output).isEmpty) }
  }

  @Test func theStartWaitsForTheDiskAndTellsTheServiceManager() async throws {
    let harness = try Harness()
    try await harness.run { _, _ in
      #expect(await eventually { text(harness.input + "/.acuity-watched")?.contains("/out\n") == true })
    }
    try manager.moveItem(atPath: harness.output, toPath: harness.home("disk"))
    let listener = try Listener()
    let service = try #require(
      ServiceManager(environment: ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "60000"]))
    let stop = StopFlag()
    async let folders = WatchFolders.open(harness.settings, logger: quiet, manager: service, stop: stop)
    var messages: [String] = []
    #expect(
      await eventually {
        while let message = listener.receive(wait: false) { messages.append(message) }
        return messages.contains("WATCHDOG=1")
      })
    #expect(messages.first == "READY=1" && messages.contains { $0.hasPrefix("STATUS=missing: ") })
    try manager.moveItem(atPath: harness.home("disk"), toPath: harness.output)
    #expect(try await folders != nil)
    // A wish to stop ends the waiting too.
    try manager.moveItem(atPath: harness.output, toPath: harness.home("disk"))
    stop.set()
    #expect(try await WatchFolders.open(harness.settings, logger: quiet, stop: stop) == nil)
  }
}
