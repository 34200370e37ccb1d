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

  @Test func whatHasGoneWithItsFolderIsGone() throws {
    let observation = try put("one")
    try FileManager.default.moveItem(atPath: home.path + "/in/below/sub", toPath: home.path + "/elsewhere")
    #expect(try Disposal.move(file, observation, below: root, to: target) == .gone)
    #expect(try Disposal.delete(file, observation, below: root) == .gone)
    #expect(text(home.path + "/elsewhere/a.b.png") == "one")
    #expect(try target.names().isEmpty)
  }

  @Test func theReasonLiesBesideTheFile() throws {
    let observation = try put("bad")
    let reason = FailureReason(file, reason: "damaged", attempts: 3, content: "00ff", size: 3)
    _ = try Disposal.move(file, observation, below: root, to: target, reason: reason)
    let json = try #require(text(home.path + "/done/sub/a.b.png.json"))
    #expect(try jsonDecoder.decode(FailureReason.self, from: Data(json.utf8)) == reason)
    #expect(text(home.path + "/done/sub/a.b.png") == "bad")
  }

  @Test func aReasonNeverReplacesWhatIsThere() throws {
    let place = home.path + "/done/sub/"
    try target.folder(file.folder, create: true).write(
      bytes("a user's"), to: bytes("a.b.png.json"), replacing: false)
    let reason = FailureReason(file, reason: "damaged", attempts: 3, content: "00ff", size: 3)
    _ = try Disposal.move(file, put("bad"), below: root, to: target, reason: reason)
    #expect(text(place + "a.b.png.json") == "a user's" && text(place + "a.b.png") == nil)
    #expect(text(place + "a.b~1.png") == "bad" && text(place + "a.b~1.png.json")?.contains("damaged") == true)
    // Nor that of another content; that of the same one a kill may have left.
    var other = reason
    other.content = "0100"
    try FileManager.default.removeItem(atPath: place + "a.b~1.png")
    _ = try Disposal.move(file, put("other"), below: root, to: target, reason: other)
    #expect(text(place + "a.b~2.png") == "other" && text(place + "a.b~1.png") == nil)
    _ = try Disposal.move(file, put("bad"), below: root, to: target, reason: reason)
    #expect(text(place + "a.b~1.png") == "bad")
  }

  @Test func ontoAnotherDiskPermissionsAndTimeGoAlong() throws {
    _ = try put("one")
    let place = home.path + "/in/below/sub/a.b.png"
    let time = Date(timeIntervalSince1970: 1_000_000_000)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o640, .modificationDate: time], ofItemAtPath: place)
    let folder = try root.folder(file.folder)
    let observation = Observation(try #require(try folder.status(file.name)))
    #expect(try Disposal.moveAcross(file.name, observation, in: folder, to: bytes("x"), in: target))
    #expect(text(home.path + "/done/x") == "one" && text(place) == nil)
    let attributes = try FileManager.default.attributesOfItem(atPath: home.path + "/done/x")
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    #expect(attributes[.modificationDate] as? Date == time)
  }

  #if os(Linux)
    @Test(.enabled(if: canFix, "needs a disk that keeps files from being removed, and the right to"))
    func whatCannotBeRemovedLeavesNoCopy() throws {
      _ = try put("one")
      let folder = try root.folder(file.folder)
      let place = home.path + "/in/below/sub/a.b.png"
      #expect(Self.fix(place, true))
      defer { _ = Self.fix(place, false) }
      let observation = Observation(try #require(try folder.status(file.name)))
      #expect(throws: FileError.self) {
        try Disposal.moveAcross(self.file.name, observation, in: folder, to: bytes("x"), in: self.target)
      }
      let reason = FailureReason(file, reason: "damaged", attempts: 3, content: "00ff", size: 3)
      #expect(throws: FileError.self) {
        try Disposal.move(self.file, observation, below: self.root, to: self.target, reason: reason)
      }
      #expect(try target.tree().isEmpty && text(place) == "one")
    }

    private static func fix(_ path: String, _ isFixed: Bool) -> Bool {
      (try? Run(path: "/usr/bin/chattr", [isFixed ? "+i" : "-i", path]).wait())?.code == 0
    }

    private static var canFix: Bool {
      guard let home = try? TemporaryFolder(), let path = try? home.write([1], to: "a") else { return false }
      return withExtendedLifetime(home) { fix(path, true) && fix(path, false) }
    }
  #endif

  @Test func whatComesUnderTheNameMeanwhileIsNeverRemoved() throws {
    let observation = try put("one")
    _ = try put("another")
    let folder = try root.folder(file.folder)
    #expect(try Disposal.moveAcross(file.name, observation, in: folder, to: bytes("x"), in: target) == false)
    #expect(try Disposal.remove(file.name, observation, in: folder) == false)
    #expect(text(home.path + "/in/below/sub/a.b.png") == "another")
    #expect(try target.names().isEmpty && folder.names() == [file.name])
  }

  @Test func aNameWithoutRoomForAnotherIsRemovedAllTheSame() throws {
    let folder = try root.folder(file.folder, create: true)
    let long = [UInt8](repeating: UInt8(ascii: "n"), count: 255)
    try folder.write(bytes("one"), to: long, replacing: false)
    let observation = Observation(try #require(try folder.status(long)))
    try folder.write(bytes("another"), to: long, replacing: true)
    #expect(try Disposal.remove(long, observation, in: folder) == false)
    let newer = Observation(try #require(try folder.status(long)))
    #expect(try Disposal.remove(long, newer, in: folder))
    #expect(try folder.names().isEmpty)
  }

  @Test func whatAKilledRunLeavesGetsItsNameBack() throws {
    let folder = try root.folder(file.folder, create: true)
    let left = try path("sub/.acuity-leaving-a.b.png")
    #expect(Disposal.original(of: left) == file && Disposal.original(of: file) == nil)
    try folder.write(bytes("one"), to: left.name, replacing: false)
    try Disposal.giveBack(left, below: root)
    #expect(try folder.names() == [file.name])
    // A newer file under the name stays.
    try folder.write(bytes("old"), to: left.name, replacing: false)
    try Disposal.giveBack(left, below: root)
    #expect(try folder.names() == [file.name] && text(home.path + "/in/below/sub/a.b.png") == "one")
  }

  @Test func longNamesAreCutToFit() throws {
    let long = try path(String(repeating: "x", count: 251) + ".png")
    let name = Disposal.variant(12, of: long, room: FailureReason.suffix.count)
    #expect(name.count == 250)
    #expect(String(decoding: name, as: UTF8.self).hasSuffix("x~12.png"))
    #expect(Disposal.variant(0, of: long, room: 0) == long.name)
    // Characters of two bytes, of four, and bytes that are no text.
    let stems = [
      (Array(String(repeating: "ä", count: 125).utf8), 248),
      (Array(("xx" + String(repeating: "😀", count: 62)).utf8), 246),
      (Array(repeating: UInt8(0xFF), count: 251), 249),
    ]
    for (stem, kept) in stems {
      let cut = Disposal.variant(1, of: try #require(RelativePath(stem + bytes(".png"))), room: 0)
      #expect(cut == stem.prefix(kept) + bytes("~1.png"))
    }
  }
}
