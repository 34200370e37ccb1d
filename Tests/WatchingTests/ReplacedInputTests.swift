import Batch
import Folders
import Foundation
import TestSupport
import Testing
import Watching

/// A watched folder that is removed and made anew, or gives way to another one.
@Suite struct ReplacedInputTests {
  private let manager = FileManager.default

  @Test func foldersInsideAreMadeAnew() async throws {
    let harness = try Harness { settings, home in
      settings.done = .move(bytes(home + "/in/done"))
      settings.failed = bytes(home + "/./in/failed")
    }
    try harness.write("one.", "a.png")
    try await harness.run { _, _ in
      #expect(await eventually { harness.exists("in/done/a.png") })
      try manager.removeItem(atPath: harness.input)
      try harness.write("two.", "b.png")
      try harness.write("poison.", "bad.png")
      #expect(
        await eventually { harness.exists("in/done/b.png") && harness.exists("in/failed/bad.png.json") })
      #expect(await eventually { harness.exists("in/failed/bad.png") })
      #expect(!harness.exists("in/b.png") && !harness.exists("in/bad.png"))
      // Also when nothing but they are removed.
      try manager.removeItem(atPath: harness.input + "/done")
      #expect(await eventually { harness.exists("in/done") })
      try harness.write("three.", "c.png")
      #expect(await eventually { harness.exists("in/done/c.png") })
    }
  }

  @Test func foldersElsewhereAreMadeAnewToo() async throws {
    let harness = try Harness { settings, home in
      settings.done = .move(bytes(home + "/archive/done"))
      // So that no scan helps what could not be moved at first.
      settings.scanInterval = .seconds(3600)
    }
    try harness.write("one.", "a.png")
    try await harness.run { _, _ in
      #expect(await eventually { harness.exists("archive/done/a.png") })
      try manager.removeItem(atPath: harness.home("archive"))
      try harness.write("two.", "b.png")
      #expect(await eventually { harness.exists("archive/done/b.png") })
      // Moved away: what is done from now on does not follow it.
      try manager.moveItem(atPath: harness.home("archive/done"), toPath: harness.home("archive/former"))
      #expect(await eventually { harness.exists("archive/done") })
      try harness.write("three.", "c.png")
      #expect(await eventually { harness.exists("archive/done/c.png") })
      #expect(!harness.exists("archive/former/c.png"))
    }
  }

  /// Where every input that is done would become a new one.
  @Test func theyAreNotTakenWhereTheyMustNotBe() async throws {
    let harness = try Harness { settings, home in settings.done = .move(bytes(home + "/link")) }
    let link = harness.home("link")
    try manager.createDirectory(atPath: harness.home("archive"), withIntermediateDirectories: false)
    try manager.createSymbolicLink(atPath: link, withDestinationPath: "archive")
    try harness.write("one.", "a.png")
    await #expect {
      try await harness.run { _, watcher in
        #expect(await eventually { harness.exists("archive/a.png") })
        try manager.removeItem(atPath: link)
        try manager.createSymbolicLink(atPath: link, withDestinationPath: "in")
        try harness.write("two.", "b.png")
        #expect(await eventually { (try? harness.status().state) == .stopped })
      }
    } throws: { error in
      if case WatchError.overlap = error { true } else { false }
    }
    #expect(try manager.contentsOfDirectory(atPath: harness.input).sorted() == [".acuity-watched", "b.png"])
  }

  @Test(.enabled(if: otherDisk != nil, "needs a second disk"), arguments: ["done", "failed"])
  func nothingGoesToTheBarePlaceOfAnotherDiskNorOutOfSight(_ end: String) async throws {
    let disk = try TemporaryFolder(in: otherDisk)
    let harness = try Harness { settings, home in
      settings.done = end == "done" ? .move(bytes(home + "/disk")) : .delete
      settings.failed = end == "failed" ? bytes(home + "/disk") : nil
      settings.attempts = 1
      settings.scanInterval = .milliseconds(100)
    }
    let place = harness.home("disk")
    let text = end == "done" ? "text" : "poison"
    try manager.createSymbolicLink(atPath: place, withDestinationPath: disk.path)
    try await harness.run { _, _ in
      try harness.write("\(text) 1.", "a.png")
      #expect(await eventually { harness.exists("disk/a.png") })
      try manager.removeItem(atPath: place)
      try manager.createDirectory(atPath: place, withIntermediateDirectories: false)
      try harness.write("\(text) 2.", "b.png")
      let isOver: @Sendable () -> Bool = {
        end == "done" ? harness.result("b.png") != nil : (try? harness.status().quarantined) == 2
      }
      #expect(await eventually(isOver))
      // Time to take it out, and to try again.
      let scans = try harness.status().scans
      #expect(await eventually { ((try? harness.status().scans) ?? 0) > scans + 2 })
      if end == "done" {
        let reason = try harness.status().problems.first?.reason
        #expect(reason?.contains("is its disk not mounted?") == true)
      }
      #expect(harness.exists("in/b.png") && (try? manager.contentsOfDirectory(atPath: place)) == [])
      try manager.removeItem(atPath: place)
      try manager.createSymbolicLink(atPath: place, withDestinationPath: disk.path)
      #expect(await eventually { harness.exists("disk/b.png") && !harness.exists("in/b.png") })
    }
    withExtendedLifetime(disk) {}
  }

  @Test func theNewOneIsLockedToo() async throws {
    let harness = try Harness()
    try await harness.run { _, watcher in
      #expect(await eventually { await watcher.isWatching })
      try manager.removeItem(atPath: harness.input)
      try harness.write("two.", "b.png")
      #expect(await eventually { harness.result("b.png") == "TWO." })
      var other = harness.settings
      other.output = bytes(harness.home("elsewhere"))
      other.state = bytes(harness.home("elsewhere/.acuity"))
      #expect { try WatchFolders(other) } throws: { ($0 as? WatchError)?.culprit == .later }
      #expect(!harness.exists("elsewhere"))
    }
  }

  @Test func aNewOneThatAnotherWorksInEndsTheWatch() async throws {
    let harness = try Harness()
    let error = await #expect(throws: WatchError.self) {
      try await harness.run { processor, watcher in
        #expect(await eventually { await watcher.isWatching })
        let new = try Folder(bytes(harness.home("new")), create: true)
        try new.write(bytes("two."), to: bytes("b.png"), replacing: false)
        let lock = try #require(try FolderLock(new))
        try manager.moveItem(atPath: harness.input, toPath: harness.home("old"))
        try manager.moveItem(atPath: harness.home("new"), toPath: harness.input)
        #expect(await eventually { (try? harness.status().state) == .stopped })
        #expect(processor.begun.isEmpty)
        withExtendedLifetime(lock) {}
      }
    }
    #expect(error?.culprit == .later)
  }

  @Test func theOneBeforeIsFreeAgain() async throws {
    let harness = try Harness()
    let watcher = try watcher(of: harness)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await watcher.run() }
      defer { watcher.requestStop() }
      #expect(await eventually { await watcher.isWatching })
      try manager.moveItem(atPath: harness.input, toPath: harness.home("old"))
      try harness.write("two.", "b.png")
      #expect(await eventually { harness.result("b.png") == "TWO." })
      #expect(try FolderLock(Folder(bytes(harness.home("old")))) != nil)
    }
  }

  /// Which alone has the folders, and asks for the space on their disks itself.
  private func watcher(of harness: Harness) throws -> Watcher {
    let folders = try WatchFolders(harness.settings)
    return try Watcher(
      harness.settings, folders: folders, processor: TextProcessor(folders), logger: quiet)
  }
}
