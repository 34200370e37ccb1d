import Folders
import Foundation
import TestSupport
import Testing

@testable import Watching

@Suite struct DisposalTests {
  let home: TemporaryFolder
  let root: Folder
  let target: Folder
  let file: RelativePath

  init() throws {
    home = try TemporaryFolder()
    root = try Folder(bytes(home.path + "/in/below"), create: true)
    target = try Folder(bytes(home.path + "/done"), create: true)
    file = try path("sub/a.b.png")
  }

  func put(_ content: String) throws -> Observation {
    let folder = try root.folder(file.folder, create: true)
    try folder.write(bytes(content), to: file.name, replacing: true)
    return Observation(try #require(try folder.status(file.name)))
  }

  @Test func movesIntoTheSameSubfolder() throws {
    #expect(try Disposal.move(file, put("one"), below: root, to: target) == .gone)
    #expect(text(home.path + "/done/sub/a.b.png") == "one")
    #expect(try root.folder(file.folder).names().isEmpty)
  }

  @Test func neverReplacesWhatIsThere() throws {
    for content in ["one", "two", "three"] {
      _ = try Disposal.move(file, put(content), below: root, to: target)
    }
    #expect(text(home.path + "/done/sub/a.b.png") == "one")
    #expect(text(home.path + "/done/sub/a.b~1.png") == "two")
    #expect(text(home.path + "/done/sub/a.b~2.png") == "three")
  }

  @Test func anotherContentIsLeftAlone() throws {
    let observation = try put("one")
    _ = try put("another")
    #expect(try Disposal.move(file, observation, below: root, to: target) == .changed)
    #expect(try Disposal.delete(file, observation, below: root) == .changed)
    #expect(text(home.path + "/in/below/sub/a.b.png") == "another")
    #expect(!FileManager.default.fileExists(atPath: home.path + "/done/sub/a.b.png"))
  }

  @Test func deletesWhatWasWorkedOn() throws {
    #expect(try Disposal.delete(file, put("one"), below: root) == .gone)
    #expect(try root.folder(file.folder).names().isEmpty)
    // Once more, as after a kill.
    #expect(try Disposal.delete(file, try put("one"), below: root) == .gone)
  }

  @Test func theReasonLiesBesideTheFile() throws {
    let observation = try put("bad")
    let reason = FailureReason(file, reason: "damaged", attempts: 3, content: "00ff", size: 3)
    _ = try Disposal.move(file, observation, below: root, to: target, reason: reason)
    let json = try #require(text(home.path + "/done/sub/a.b.png.json"))
    #expect(try jsonDecoder.decode(FailureReason.self, from: Data(json.utf8)) == reason)
    #expect(text(home.path + "/done/sub/a.b.png") == "bad")
  }

  @Test func longNamesAreCutToFit() throws {
    let long = try path(String(repeating: "x", count: 251) + ".png")
    let name = Disposal.variant(12, of: long, room: FailureReason.suffix.count)
    #expect(name.count == 250)
    #expect(String(decoding: name, as: UTF8.self).hasSuffix("x~12.png"))
    #expect(Disposal.variant(0, of: long, room: 0) == long.name)
  }
}
