import Folders
import Foundation
import TestSupport
import Testing

/// Whatever file system the tests run on: what it is asked beforehand, it does afterwards.
@Suite struct SamenessTests {
  let home: TemporaryFolder

  init() throws { home = try TemporaryFolder() }

  private static let long = String(repeating: "x", count: 240)

  @Test(arguments: [
    ("a.png", "A.png"), ("λόγοσ.png", "λόγος.png"), ("\u{e9}.png", "e\u{301}.png"), ("ß.png", "ẞ.png"),
    ("ß.png", "SS.png"), ("❤.png", "❤\u{fe0f}.png"), ("a.png", "b.png"), ("a\(long)", "A\(long)"),
    ("in/a.png", "IN/A.png"), ("in/a.png", "in/a/png"), ("ı.png", "I.png"),
  ])
  func pathsAreOneIfTheFileSystemSaysSo(_ a: String, _ b: String) throws {
    for folder in ["", "new/deep/", "there/"] {
      if folder == "there/" { #expect(mkdir(home("there"), 0o700) == 0) }
      let root = realPath(bytes(home.path)) + bytes("/" + folder)
      let before = try home.folder.tree()
      let answer = Folder.isOnePath(root + bytes(a), root + bytes(b))
      #expect(try home.folder.tree() == before, "nothing is left")
      let made = URL(filePath: home(folder + a))
      try FileManager.default.createDirectory(
        at: made.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: made)
      #expect(answer == (FileStatus(following: root + bytes(b)) != nil), "\(folder)\(a), \(b)")
    }
    #expect(Folder.isOnePath(bytes(home(a)), bytes(home(a))))
  }
}
