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
