import Batch
import Folders
import Foundation
import Ledger
import TestSupport
import Testing
import Watching

@Suite struct WatcherTests {
  @Test func takesWhatIsThereAndWhatComes() async throws {
    let harness = try Harness()
    try harness.write("here before.", "before.png")
    try await harness.run { _, _ in
      #expect(await eventually { harness.result("before.png") == "HERE BEFORE." })
      try harness.write("comes.", "after.jpg")
      try harness.write("deep.", "new/folder/deep.webp")
      #expect(await eventually { harness.result("after.jpg") == "COMES." })
      #expect(await eventually { harness.result("new/folder/deep.webp") == "DEEP." })
    }
    #expect(try harness.status().state == .stopped)
    #expect(try harness.status().done == 3)
  }

  @Test func everyWayOfAppearingCounts() async throws {
    let harness = try Harness()
    try harness.write("x.", "outside/x.txt")
    try await harness.run { _, _ in
      let manager = FileManager.default
      let input = harness.input
      try Data("renamed.".utf8).write(to: URL(fileURLWithPath: input + "/part"))
      try manager.moveItem(atPath: input + "/part", toPath: input + "/renamed.png")
      try Data("linked.".utf8).write(to: URL(fileURLWithPath: harness.home.path + "/source"))
      try manager.linkItem(atPath: harness.home.path + "/source", toPath: input + "/linked.png")
      let folder = harness.home.path + "/whole"
      try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data("moved in.".utf8).write(to: URL(fileURLWithPath: folder + "/a.png"))
      try manager.moveItem(atPath: folder, toPath: input + "/whole")
      for name in ["renamed.png", "linked.png", "whole/a.png"] {
        #expect(await eventually { harness.result(name) != nil }, "\(name)")
      }
      // And still after its folder has another name.
      try manager.moveItem(atPath: input + "/whole", toPath: input + "/other")
      try harness.write("late.", "other/late.png")
      #expect(await eventually { harness.result("other/late.png") == "LATE." })
    }
  }

  @Test func waitsForAWriterThatPauses() async throws {
    let harness = try Harness()
    try await harness.run { processor, _ in
      let file = try path("slow.png")
      let handle = try await harness.slowly("slow.png", ["The ", "quick "])
      // Settled twice over, and found incomplete each time.
      #expect(await eventually { processor.begun[file, default: 0] >= 1 })
      #expect(await eventually { (try? harness.status().incomplete) == 1 })
      #expect(harness.result("slow.png") == nil)
      try handle.write(contentsOf: Data("fox.".utf8))
      try handle.close()
      #expect(await eventually { harness.result("slow.png") == "THE QUICK FOX." })
    }
  }

  #if os(Linux)
    /// What is stored into a page that is still to be written to the disk does not change the file's time any more.
    @Test func aWriterByMappingIsWaitedForToo() async throws {
      let harness = try Harness()
      try await harness.run { _, watcher in
        let file = open(harness.input + "/a.png", O_RDWR | O_CREAT, 0o600)
        try #require(ftruncate(file, 4) == 0)
        let mapping = try #require(mmap(nil, 4, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0))
        mapping.copyMemory(from: bytes("ONE"), byteCount: 3)
        #expect(await eventually { await watcher.arrivalCounts.incomplete == 1 })
        mapping.copyMemory(from: bytes("two."), byteCount: 4)
        munmap(mapping, 4)
        close(file)
        #expect(await eventually { harness.result("a.png") == "TWO." })
      }
    }
  #endif

  @Test func itsOwnFilesAreNeverInputs() async throws {
    let harness = try Harness { settings, home in
      settings.output = bytes(home + "/in/out")
      settings.state = bytes(home + "/in/state")
      settings.done = .move(bytes(home + "/in/done"))
      settings.failed = bytes(home + "/in/failed")
    }
    try harness.write("one.", "a.png")
    try harness.write("poison.", "b.png")
    try harness.write("half.", ".acuity-0123456789abcdef.tmp")
    // Nor are those of other programs, such as what a file manager has thrown away.
    try harness.write("old.", ".trash/a.png")
    try await harness.run { processor, watcher in
      #expect(await eventually { harness.exists("in/done/a.png") && harness.exists("in/failed/b.png") })
      try harness.write("new.", ".snapshots/a.png")
      try harness.write("two.", "c.png")
      #expect(await eventually { harness.exists("in/done/c.png") })
      #expect(await eventually { await watcher.arrivalCounts.settled == 0 })
      #expect(Set(processor.begun.keys) == Set(try ["a.png", "b.png", "c.png"].map(path)))
    }
  }

  @Test(arguments: ["keep", "move", "delete"]) func doneInputsAreTreatedAsAsked(_ way: String) async throws {
    let harness = try Harness { settings, home in
      settings.done = way == "keep" ? .keep : way == "move" ? .move(bytes(home + "/done")) : .delete
    }
    try harness.write("one.", "sub/a.png")
    try await harness.run { _, watcher in
      #expect(await eventually { harness.result("sub/a.png") != nil })
      #expect(await eventually { await watcher.arrivalCounts.settled == (way == "keep" ? 1 : 0) })
    }
    // By now nothing is under way any more.
    #expect(harness.exists("in/sub/a.png") == (way == "keep"))
    #expect(harness.exists("done/sub/a.png") == (way == "move"))
  }

  @Test func computesNothingTwice() async throws {
    let harness = try Harness()
    try harness.write("one.", "a.png")
    try await harness.run { processor, _ in
      #expect(await eventually { harness.result("a.png") != nil })
      func noted() throws -> LedgerEntry.Stamp? { try processor.ledger.entry(for: bytes("a.png"))?.stamp }
      let first = try #require(try noted())
      // The same content with another time, which has been looked at when that is noted.
      try harness.write("one.", "a.png")
      try harness.write("two.", "b.png")
      #expect(try await eventually { try noted() != first })
      #expect(await eventually { harness.result("b.png") != nil })
      #expect(processor.begun == [try path("a.png"): 1, try path("b.png"): 1])
    }
    // The output was taken away by whoever it was for; that is no reason to make it again.
    try FileManager.default.removeItem(atPath: harness.output + "/a.png")
    try await harness.run { processor, watcher in
      try harness.write("three.", "c.png")
      #expect(await eventually { harness.result("c.png") != nil })
      #expect(processor.begun == [try path("c.png"): 1])
    }
    #expect(harness.result("a.png") == nil)
  }

  @Test func changedContentIsWorkedOnAgain() async throws {
    let harness = try Harness()
    try harness.write("one.", "a.png")
    try await harness.run { _, _ in
      #expect(await eventually { harness.result("a.png") == "ONE." })
      try harness.write("another.", "a.png")
      #expect(await eventually { harness.result("a.png") == "ANOTHER." })
    }
  }

  /// As `rsync -a`, `cp -p` and programs that keep the time of what they edit do.
  @Test func aChangeThatKeepsSizeAndTimeIsNoticed() async throws {
    let harness = try Harness()
    let path = harness.input + "/a.png"
    let time = Date(timeIntervalSince1970: 1_000_000_000)
    func put(_ text: String, inPlace: Bool) throws {
      if inPlace {
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
      } else {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
      }
      try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: path)
    }
    try put("one.", inPlace: false)
    try await harness.run { processor, _ in
      #expect(await eventually { harness.result("a.png") == "ONE." })
      try put("two.", inPlace: true)
      #expect(await eventually { harness.result("a.png") == "TWO." })
      // New permissions are no new content.
      let first = try processor.ledger.entry(for: bytes("a.png"))?.stamp
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      #expect(try await eventually { try processor.ledger.entry(for: bytes("a.png"))?.stamp != first })
      #expect(processor.begun[try Self.file] == 2)
    }
    try put("six.", inPlace: false)
    try await harness.run { _, _ in
      #expect(await eventually { harness.result("a.png") == "SIX." })
    }
  }

  private static var file: RelativePath { get throws { try path("a.png") } }

  /// Of two names of a file the removal of one is a change of the other.
  @Test(arguments: ["move", "delete"]) func linkedInputsLeaveOneAfterTheOther(_ way: String) async throws {
    let harness = try Harness { settings, home in
      settings.done = way == "move" ? .move(bytes(home + "/done")) : .delete
    }
    try harness.write("one.", "a.png")
    for name in ["b.png", "c.png"] {
      try FileManager.default.linkItem(atPath: harness.input + "/a.png", toPath: harness.input + "/" + name)
    }
    try await harness.run { processor, _ in
      let input = try Folder(harness.settings.input)
      #expect(try await eventually { try input.names().filter { $0.last == UInt8(ascii: "g") }.isEmpty })
      for name in ["a.png", "b.png", "c.png"] { #expect(harness.result(name) == "ONE.") }
      #expect(processor.begun.values.allSatisfy { $0 == 1 })
    }
  }

  @Test func onlyOneWatcherWorksInAFolder() async throws {
    let harness = try Harness()
    try await harness.run { _, _ in
      // Another output, another state: the input alone is reason enough.
      var other = harness.settings
      other.output = bytes(harness.home.path + "/elsewhere")
      other.state = bytes(harness.home.path + "/elsewhere/.acuity")
      #expect { try WatchFolders(other) } throws: { ($0 as? WatchError)?.culprit == .later }
      #expect(!harness.exists("elsewhere"))
      // Another input: the state is reason enough.
      other = harness.settings
      _ = try Folder(bytes(harness.home.path + "/in2"), create: true)
      other.input = bytes(harness.home.path + "/in2")
      #expect { try WatchFolders(other) } throws: { ($0 as? WatchError)?.culprit == .later }
    }
    _ = try WatchFolders(harness.settings)
  }

  @Test(arguments: ["in", ""]) func outputsWhereInputsAreTakenFromAreRefused(_ place: String) throws {
    let harness = try Harness { settings, home in settings.output = bytes(home + "/" + place) }
    #expect { try WatchFolders(harness.settings) } throws: { ($0 as? WatchError)?.culprit == .usage }
    #expect(!harness.exists("in/.acuity"))
  }

  @Test func aFileThatAKilledRunMeantToRemoveIsAnInputAgain() async throws {
    let harness = try Harness { settings, _ in settings.done = .delete }
    try harness.write("one.", "sub/.acuity-leaving-a.png")
    try await harness.run { _, _ in
      #expect(await eventually { harness.result("sub/a.png") == "ONE." })
      #expect(await eventually { !harness.exists("in/sub/a.png") })
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: harness.input + "/sub").isEmpty)
  }

  @Test func whatAKilledRunLeavesIsClearedAway() async throws {
    let harness = try Harness { settings, home in
      settings.done = .move(bytes(home + "/done"))
      settings.failed = bytes(home + "/failed")
    }
    try harness.write("one.", "a.png")
    do {
      let folders = try WatchFolders(harness.settings)
      let fingerprint = Fingerprint(
        content: SHA256.digest("one."), model: SHA256.digest("model"), options: SHA256.digest("options"))
      let stamp = LedgerEntry.Stamp(size: 4, modified: 1)
      try folders.ledger.begin(bytes("a.png"), stamp: stamp, fingerprint: fingerprint)
      for folder in [folders.output, try #require(folders.done), try #require(folders.failed)] {
        try folder.folder(try path("sub"), create: true).write(
          bytes("half"), to: TemporaryName.random(), replacing: false)
      }
    }
    try await harness.run { _, _ in
      #expect(await eventually { harness.result("a.png") == "ONE." })
    }
    for folder in ["out", "done", "failed"] {
      let left = try FileManager.default.contentsOfDirectory(atPath: harness.home(folder + "/sub"))
      #expect(left.isEmpty, "\(folder)")
    }
    let ledger = try Ledger(path: harness.output + "/.acuity/ledger.sqlite")
    #expect(try ledger.counts() == [.done: 1])
  }
}

extension Harness {
  /// Writes the pieces with pauses that are longer than the settling time, and leaves the file open.
  func slowly(_ name: String, _ pieces: [String]) async throws -> FileHandle {
    let path = input + "/" + name
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    for piece in pieces {
      try handle.write(contentsOf: Data(piece.utf8))
      try await Task.sleep(for: .milliseconds(60))
    }
    return handle
  }
}
