import Folders
import TestSupport
import Testing

@Suite struct RelativePathTests {
  @Test(arguments: ["", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/./b", "a/../b", "a\0b"])
  func pathsThatCouldLeaveTheRootAreNone(text: String) {
    #expect(RelativePath(text) == nil)
  }

  @Test func partsOfAPath() throws {
    let path = try #require(RelativePath("Holiday/Beach.2024.JPG"))
    #expect(path.name == bytes("Beach.2024.JPG") && path.stem == bytes("Beach.2024"))
    #expect(path.pathExtension == bytes("jpg"))
    #expect(path.folder == RelativePath("Holiday") && path.folder?.folder == nil)
    #expect(path.replacingName(bytes("x.png")) == RelativePath("Holiday/x.png"))
    #expect(path.appending(bytes("x")) == RelativePath("Holiday/Beach.2024.JPG/x"))
    #expect(path.appending(bytes("..")) == nil && path.replacingName(bytes("a/b")) == nil)
  }

  @Test func aLeadingDotIsNoExtension() throws {
    let hidden = try #require(RelativePath(".png"))
    #expect(hidden.pathExtension.isEmpty && hidden.stem == bytes(".png"))
  }

  @Test func equalTextOfDifferentBytesIsTwoPaths() throws {
    let composed = try #require(RelativePath("\u{e9}.png"))
    let decomposed = try #require(RelativePath("e\u{301}.png"))
    #expect(composed != decomposed && Set([composed, decomposed]).count == 2)
    #expect(decomposed < composed && !(composed < decomposed))
  }
}
