import Folders
import Foundation
import TestSupport
import Testing

@Suite struct RealPathTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func real(_ path: String) -> String { String(decoding: realPath(bytes(path)), as: UTF8.self) }

  @Test func linksDotsAndSlashesAreResolvedAsFarAsThereIsSomething() throws {
    #expect(mkdir(folder("a"), 0o700) == 0)
    #expect(symlink("a", folder("link")) == 0)
    let root = real(folder.path)
    #expect(root.hasPrefix("/") && !root.hasSuffix("/"))
    for (path, expected) in [
      ("a", "/a"), ("link", "/a"), ("a/../link//.", "/a"), ("link/new", "/a/new"), ("new/", "/new"),
      ("link/new//deep///", "/a/new/deep"), ("new/../other", "/other"), ("new/./deep/..", "/new"),
      ("link/new/../../new", "/new"),
    ] {
      #expect(real(folder.path + "/" + path) == root + expected, "\(path)")
    }
    #expect(real("new-and-relative") == real(".") + "/new-and-relative")
    #expect(
      real("/") == "/" && real("/new") == "/new" && real("/new/../..") == "/"
        && real(".") == FileManager.default.currentDirectoryPath)
  }

  @Test func aFolderIsUsableIfItCouldBeMade() throws {
    try Folder.checkUsable(bytes(folder("new/deep")))
    try folder.write([], to: "file")
    #expect(throws: FileError.self) { try Folder.checkUsable(bytes(folder("file"))) }
    #expect(throws: FileError.self) { try Folder.checkUsable(bytes(folder("file/deep"))) }
    #expect(try folder.folder.names().count == 1, "nothing was made")
  }
}
