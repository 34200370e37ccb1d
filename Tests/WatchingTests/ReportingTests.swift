import Folders
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Watching

@Suite struct ReportingTests {
  @Test func aStatusFileThatCannotBeWrittenIsToldOfOnceAndFoundAgain() async throws {
    let harness = try Harness { settings, home in settings.metricsFile = bytes(home + "/metrics/m.prom") }
    let log = Log()
    let watcher = try harness.watcher(log)
    let metrics = harness.home("metrics")
    for _ in 0..<2 {
      try FileManager.default.removeItem(atPath: metrics)
      for _ in 0..<3 { await watcher.report(force: true) }
      #expect(log.take().count { $0.contains("m.prom") } == 1)
      try FileManager.default.createDirectory(atPath: metrics, withIntermediateDirectories: false)
      await watcher.report(force: true)
      #expect(harness.exists("metrics/m.prom") && log.take().isEmpty)
    }
  }

  @Test(arguments: [Outcome.done, .failed("it is poison")])
  func aFullDiskIsToldOfOnceUntilAWorkHasItsEnd(_ outcome: Outcome) async throws {
    let harness = try Harness()
    try harness.write("one.", "a.png")
    let folder = try Folder(harness.settings.input)
    let observation = Observation(try #require(try folder.status(bytes("a.png"))))
    let log = Log()
    let watcher = try harness.watcher(log)
    for _ in 0..<2 {
      for _ in 0..<3 {
        await watcher.beginPause("no space left")
        await watcher.endPause()
      }
      #expect(log.take() == ["paused until there is room"])
      _ = try await watcher.settle(path("a.png"), observation, below: folder, outcome)
      _ = log.take()
    }
  }

  @Test func ofManyProblemsTheStatusHasTheFirst() async throws {
    let harness = try Harness()
    for index in 10..<40 { try harness.write("x", "\(index).tif") }
    let watcher = try harness.watcher(Log())
    try await watcher.turn()
    await watcher.report(force: true)
    #expect(try harness.status().problems.map(\.file) == (10..<30).map { "\($0).tif" })
  }

  @Test func theServiceManagerIsToldOfAllThatWaits() async throws {
    let harness = try Harness { settings, _ in
      settings.attempts = 2
      settings.backoff = [.seconds(3600)]
    }
    try harness.write("poison.", "a.png")
    let listener = try Listener()
    let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": listener.path]))
    try await harness.run(manager: manager) { _, watcher in
      #expect(await eventually { await watcher.arrivalCounts.retrying == 1 })
      await watcher.report(force: true)
      var last: String?
      while let message = listener.receive(wait: false) { last = message }
      #expect(last == "STATUS=watching: 0 done, 0 in work, 1 waiting")
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may list everything"))
  func aFolderThatCannotBeListedIsToldOfOnceAndInTheStatus() async throws {
    let harness = try Harness { settings, _ in settings.scanInterval = .zero }
    try harness.write("a.", "closed/a.png")
    #expect(chmod(harness.input + "/closed", 0) == 0)
    defer { chmod(harness.input + "/closed", 0o700) }
    let log = Log()
    let watcher = try harness.watcher(log)
    for _ in 0..<3 { try await watcher.turn() }
    #expect(log.take().count { $0.contains("closed") } == 1)
    await watcher.report(force: true)
    #expect(try harness.status().problems.map(\.file) == ["\(harness.input)/closed"])
  }
}

extension Harness {
  /// One that is not at work, and writes into a log.
  fileprivate func watcher(_ log: Log) throws -> Watcher {
    let folders = try WatchFolders(settings)
    return try Watcher(
      settings, folders: folders, processor: TextProcessor(folders),
      logger: Logger(label: "test") { _ in log.handler })
  }
}

/// What was logged.
private final class Log: Sendable {
  private let messages = Mutex<[String]>([])

  /// What has come since the last time.
  func take() -> [String] {
    messages.withLock { messages in
      defer { messages = [] }
      return messages
    }
  }

  var handler: Handler { Handler(home: self) }

  struct Handler: LogHandler {
    let home: Log
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { home.messages.withLock { $0.append("\(event.message)") } }
  }
}
