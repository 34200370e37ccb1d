import Dispatch
import Folders
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing
import Watching

/// Events are hints: whatever is lost, the folder is what counts.
@Suite struct LostEventsTests {
  /// Says that it reports everything, and reports nothing.
  struct Deaf: FolderEvents {
    let method = "nothing"
    let isReliable = true
    let advice = ""
    func watch(_ folder: Folder, at path: RelativePath?) {}
    func forgetOthers() {}
  }

  /// Reports of a test, on no more than `most` folders.
  final class Told: FolderEvents {
    let method = "the test"
    let advice = ""
    let mailbox: Mailbox
    private let most: Int
    private let watched = Mutex<[RelativePath?: Int]>([:])

    init(reportingTo mailbox: Mailbox, most: Int) {
      self.mailbox = mailbox
      self.most = most
    }

    var isReliable: Bool { watched.withLock { $0.count <= most } }

    /// How often each folder was to be listed.
    var listings: [RelativePath?: Int] { watched.withLock { $0 } }

    func forgetOthers() {}

    func watch(_ folder: Folder, at path: RelativePath?) {
      watched.withLock { $0[path, default: 0] += 1 }
    }

    func reports(on folder: FileStatus.Identity, at path: RelativePath) -> Bool {
      watched.withLock { $0[path] != nil }
    }
  }

  /// Takes files for done and counts how often it was given each.
  final class Counter: InputProcessor {
    let model = SHA256.digest("model")
    let options = SHA256.digest("options")
    private let counts = Mutex<[RelativePath: Int]>([:])

    var begun: [RelativePath: Int] { counts.withLock { $0 } }

    func process(
      _ path: RelativePath, below root: Folder, unchangedFor quiet: Duration, course: WorkCourse
    ) async -> Outcome {
      counts.withLock { $0[path, default: 0] += 1 }
      return .done
    }
  }

  #if os(Linux)
    @Test(.enabled(if: geteuid() != 0, "root may watch everything"))
    func aFolderThatMayNotBeWatchedIsNoMatterOfHowManyMayBe() throws {
      let home = try TemporaryFolder()
      let folder = try Folder(bytes(home.path))
      let events = try InotifyEvents(reportingTo: Mailbox())
      #expect(chmod(home.path, 0) == 0)
      events.watch(folder, at: nil)
      #expect(!events.isReliable)
      #expect(events.advice == "cannot watch the folder \(home.path): Permission denied")
      #expect(chmod(home.path, 0o700) == 0)
      events.forgetOthers()
      events.watch(folder, at: nil)
      events.forgetOthers()
      #expect(events.isReliable)
    }
  #endif

  @Test func aReportAboutAFolderIsNoneAboutThoseInItThatAreReportedOnThemselves() async throws {
    // A scan lists everything, and on a busy machine a minute may pass.
    let harness = try Harness { settings, _ in settings.scanInterval = .seconds(3600) }
    try harness.write("one.", "old/below/a.png")
    let made = Mutex<Told?>(nil)
    let makeEvents: MakeEvents = { mailbox in
      made.withLock { events in
        let told = Told(reportingTo: mailbox, most: .max)
        events = told
        return told
      }
    }
    try await harness.run(makeEvents: makeEvents) { _, watcher in
      #expect(await eventually { await watcher.isWatching })
      let events = try #require(made.withLock { $0 })
      try harness.write("two.", "b.png")
      try harness.write("three.", "new/c.png")
      events.mailbox.post(.folder(nil))
      #expect(
        await eventually { harness.result("b.png") == "TWO." && harness.result("new/c.png") == "THREE." })
      #expect(events.listings == [nil: 2, try path("old"): 1, try path("old/below"): 1, try path("new"): 1])
    }
  }

  @Test func whenThereAreTooManyFoldersToReportOnTheyArePolledAtOnce() async throws {
    let harness = try Harness { settings, _ in settings.scanInterval = .seconds(3600) }
    let made = Mutex<Told?>(nil)
    let makeEvents: MakeEvents = { mailbox in
      made.withLock { events in
        let told = Told(reportingTo: mailbox, most: 1)
        events = told
        return told
      }
    }
    try await harness.run(makeEvents: makeEvents) { _, watcher in
      #expect(await eventually { await watcher.isWatching })
      try harness.write("one.", "new/a.png")
      try #require(made.withLock { $0 }).mailbox.post(.folder(nil))
      #expect(await eventually { harness.result("new/a.png") == "ONE." })
      try harness.write("two.", "new/b.png")
      #expect(await eventually { harness.result("new/b.png") == "TWO." })
    }
  }

  @Test func thePeriodicScanFindsWhatNoEventHasTold() async throws {
    let harness = try Harness { settings, _ in settings.scanInterval = .milliseconds(100) }
    let deaf: MakeEvents = { _ in Deaf() }
    try await harness.run(makeEvents: deaf) { _, watcher in
      #expect(await eventually { await watcher.isWatching })
      try harness.write("one.", "a.png")
      #expect(await eventually { harness.result("a.png") == "ONE." })
    }
  }

  @Test func withoutEventsTheFolderIsPolled() async throws {
    let harness = try Harness { settings, _ in settings.polls = true }
    try await harness.run { _, watcher in
      #expect(await eventually { await watcher.isWatching })
      try harness.write("one.", "sub/a.png")
      #expect(await eventually { harness.result("sub/a.png") == "ONE." })
      #expect(try harness.status().method == "polling")
    }
  }

  #if os(Linux)
    @Test(.enabled(if: EventQueue.canOverflow, "needs a system whose queue of events is not endless"))
    func anOverflowLeadsToAScan() async throws {
      let harness = try Harness { settings, _ in
        settings.jobs = 8
        settings.scanInterval = .seconds(3600)
      }
      let queue = DispatchQueue(label: "reader")
      let count = 20_000
      let makeEvents: MakeEvents = { mailbox throws(FileError) in
        try InotifyEvents(reportingTo: mailbox, queue: queue)
      }
      // Outputs and their records would keep the disk busy for minutes.
      let folders = try WatchFolders(harness.settings)
      try await harness.run(folders, Counter(), makeEvents: makeEvents) { counter, watcher in
        #expect(await eventually { await watcher.isWatching })
        queue.suspend()
        EventQueue.overflow(harness.input)
        let input = try Folder(harness.settings.input)
        for index in 0..<count {
          close(openat(input.descriptor, "\(index).png", O_WRONLY | O_CREAT, 0o600))
        }
        queue.resume()
        #expect(await eventually { counter.begun.count == count })
        #expect(await eventually { ((try? harness.status().rescans) ?? 0) >= 1 })
        #expect(counter.begun.values.allSatisfy { $0 == 1 })
      }
    }

    @Test func foldersThatLeaveTheTreeAreNoLongerWatched() async throws {
      let harness = try Harness { settings, _ in settings.scanInterval = .milliseconds(100) }
      let (inside, outside) = (harness.input + "/sub", harness.home("archive"))
      let below = try Folder(bytes(inside + "/below"), create: true)
      let mark = " ino:\(String(below.identity.inode, radix: 16)) "
      try await harness.run { _, watcher in
        #expect(await eventually { await watcher.isWatching })
        #expect(Self.watches(mark) == 1)
        try FileManager.default.moveItem(atPath: inside, toPath: outside)
        #expect(await eventually { Self.watches(mark) == 0 })
        try FileManager.default.moveItem(atPath: outside, toPath: inside)
        #expect(await eventually { Self.watches(mark) == 1 })
        try harness.write("one.", "sub/below/a.png")
        #expect(await eventually { harness.result("sub/below/a.png") == "ONE." })
      }
    }

    /// How many of this process's watches there are on what has this mark.
    private static func watches(_ mark: String) -> Int {
      let folder = "/proc/self/fdinfo"
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.compactMap { text("\(folder)/\($0)") }.reduce(0) { count, text in
        count + text.split(separator: "\n").count { $0.hasPrefix("inotify ") && $0.contains(mark) }
      }
    }

    @Test(.enabled(if: canMount, "needs bindfs and the right to mount"))
    func whatIsMountedBelowIsPolledIfOthersWriteThere() async throws {
      let harness = try Harness { settings, _ in settings.scanInterval = .seconds(3600) }
      let source = harness.home("source")
      for path in [source, harness.input + "/nas"] {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      }
      try #require(Self.mount(source, at: harness.input + "/nas"))
      defer { Self.unmount(harness.input + "/nas") }
      try await harness.run { _, watcher in
        #expect(await eventually { await watcher.isWatching })
        // As another machine does: the file system is not asked.
        try Data("one.".utf8).write(to: URL(fileURLWithPath: source + "/a.png"))
        #expect(await eventually { harness.result("nas/a.png") == "ONE." })
        #expect(try harness.status().method == "inotify")
      }
    }

    private static func mount(_ source: String, at place: String) -> Bool {
      (try? Run(path: "/usr/bin/bindfs", [source, place]).wait())?.code == 0
    }

    private static func unmount(_ place: String) {
      _ = try? Run(path: "/bin/umount", ["-l", place]).wait()
    }

    private static var canMount: Bool {
      guard FileManager.default.isExecutableFile(atPath: "/usr/bin/bindfs"), let home = try? TemporaryFolder()
      else { return false }
      defer { unmount(home.path) }
      return withExtendedLifetime(home) { mount("/usr", at: home.path) }
    }

    @Test func hintsBeyondTheMailboxBecomeAScan() throws {
      let mailbox = Mailbox(limit: 10)
      for index in 0..<11 { mailbox.post(.entry(folder: nil, name: bytes("\(index)"))) }
      let hints = mailbox.take()
      #expect(hints.contains(.everything(reason: "more than 10 events at once")))
      #expect(hints.count == 2)
      #expect(mailbox.take().isEmpty)
    }
  #endif
}
