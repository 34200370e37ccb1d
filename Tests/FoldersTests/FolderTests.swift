import Foundation
import TestSupport
import Testing

@testable import Folders

@Suite struct FolderTests {
  let root: TemporaryFolder
  var folder: Folder { root.folder }

  init() throws {
    root = try TemporaryFolder()
  }

  /// Names that other programs lose: no UTF-8, equal as text, control characters, leading dashes.
  static let hostileNames: [[UInt8]] = [
    [0xff, 0xfe], bytes("\u{e9}"), bytes("e\u{301}"), bytes("a\nb"), bytes("\u{1b}[2J"), bytes("-rf"),
    bytes("~"),
    bytes("a\\b"), bytes(" "), bytes("..."), bytes("$(x)"), [UInt8](repeating: 0x61, count: 255),
  ]

  #if !canImport(Darwin)
    @Test func everyNameIsListedReadWrittenAndRemoved() throws {
      for name in Self.hostileNames { try folder.write(name, to: name, replacing: false) }
      let sorted = Self.hostileNames.sorted { $0.lexicographicallyPrecedes($1) }
      #expect(try folder.names() == sorted)
      for name in sorted {
        #expect(try folder.read(name, limit: 1000).bytes == name)
        #expect(try folder.status(name)?.kind == .file)
        try folder.remove(name)
      }
      #expect(try folder.names().isEmpty)
    }
  #endif

  @Test func aCopyIsWholeAndTakesNobodysPlace() throws {
    // Of several pieces.
    let part = (0..<1_000_001).map { UInt8(truncatingIfNeeded: $0 >> 8 ^ $0) }
    let content = Array(repeatElement(part, count: 9).joined())
    let attributes = FileAttributes(permissions: .exactly(0o640), modified: 1_000_000_000)
    let original = try folder.write(content, to: bytes("a"), replacing: false, attributes: attributes)
    let other = try folder.folder(RelativePath("below"), create: true)
    #expect(try folder.copy(bytes("a"), to: bytes("b"), in: other) { $0.identity == original.identity })
    #expect(try other.read(bytes("b"), limit: .max).bytes == content)
    let status = try #require(try other.status(bytes("b")))
    #expect(status.permissions == 0o640 && status.modified == 1_000_000_000)
    for limit in 0...3 {
      var asked = 0
      let isCopied = try folder.copy(bytes("a"), to: bytes("c"), in: other) { _ in
        asked += 1
        return asked <= limit
      }
      // At last when all is copied.
      #expect(!isCopied && asked == limit + 1)
    }
    try other.write([1], to: bytes("d"), replacing: false)
    #expect(throws: ReadError.self) { try folder.copy(bytes("a"), to: bytes("d"), in: other) { _ in true } }
    #expect(try other.read(bytes("d"), limit: 10).bytes == [1])
    #expect(try other.names() == [bytes("b"), bytes("d")])
  }

  @Test func whereNothingElseIsThereARenameLooksFirst() throws {
    try folder.write([1], to: bytes("a"), replacing: false)
    try folder.write([2], to: bytes("b"), replacing: false)
    #expect { try folder.renameAfterLook(bytes("a"), to: bytes("b"), in: folder) } throws: {
      ($0 as? FileError)?.isExistence == true
    }
    #expect(try folder.read(bytes("b"), limit: 10).bytes == [2])
    try folder.renameAfterLook(bytes("a"), to: bytes("c"), in: folder)
    #expect(try folder.names() == [bytes("b"), bytes("c")])
  }

  #if os(Linux)
    @Test func permissionsThatNobodyAskedForMayBeTheDisks() throws {
      // A file whose permissions nobody may change, whoever it is.
      let file = open("/proc/self/comm", O_RDWR)
      defer { close(file) }
      try #require(file >= 0 && fchmod(file, 0o644) == -1 && errno == EPERM)
      try Folder.apply(FileAttributes(), to: file, path: "comm")
      #expect(throws: FileError.self) {
        try Folder.apply(FileAttributes(permissions: .exactly(0o600)), to: file, path: "comm")
      }
    }
  #endif

  @Test func permissionsAreThoseOfOtherProgramsUnlessAskedFor() throws {
    close(creat(root("theirs"), 0o666))
    let theirs = try #require(try folder.status(bytes("theirs"))).permissions
    #expect(try folder.write([1], to: bytes("ours"), replacing: false).permissions == theirs)
  }

  /// Seconds and nanoseconds: the latter count forward from whatever second it is.
  @Test(arguments: [-1_500_000_000, -1_000_000_000, -1, 0, 1, 1_500_000_000])
  func timesBefore1970AreSetToo(_ time: Int64) throws {
    let attributes = FileAttributes(modified: time)
    let status = try folder.write([1], to: bytes("a"), replacing: false, attributes: attributes)
    #expect(status.modified == time)
  }

  @Test func aCopyOfWhatChangesMeanwhileIsTakenBack() throws {
    try folder.write([1, 2, 3], to: bytes("a"), replacing: false)
    #expect(throws: ReadError.changedMeanwhile(path: folder.location(bytes("a")))) {
      try folder.copy(bytes("a"), to: bytes("b"), in: folder) { _ in
        (try? folder.overwrite([9, 9], in: bytes("a"))) != nil
      }
    }
    #expect(try folder.names() == [bytes("a")])
  }

  #if os(Linux)
    @Test func whoHasAFileOpenToWriteToItIsSeen() throws {
      try folder.write([1], to: bytes("a"), replacing: false)
      // Elsewhere than on the usual disks nothing is known.
      guard folder.isBeingWritten(bytes("a")) != nil else { return }
      for mode in [O_RDONLY, O_WRONLY, O_RDWR] {
        let file = open(root("a"), mode)
        #expect(folder.isBeingWritten(bytes("a")) == (mode != O_RDONLY))
        close(file)
        #expect(folder.isBeingWritten(bytes("a")) == false)
      }
      #expect(folder.isBeingWritten(bytes("nowhere")) == nil)
    }
  #endif

  @Test func onlyFilesAndLinksToFilesAreReplaced() throws {
    try folder.write([1], to: bytes("file"), replacing: false)
    #expect(mkfifo(root("pipe"), 0o600) == 0)
    for (link, target) in [("toFile", "file"), ("toPipe", "pipe"), ("toNothing", "nothing")] {
      #expect(symlink(target, root(link)) == 0)
    }
    for name in ["file", "toFile", "toNothing"] {
      try folder.write([2], to: bytes(name), replacing: true)
      #expect(try folder.read(bytes(name), limit: 10).bytes == [2])
    }
    let before = try folder.names()
    for (name, kind) in [("pipe", FileStatus.Kind.fifo), ("toPipe", .symbolicLink)] {
      #expect(throws: FileError(.rename, folder.location(bytes(name)), code: EEXIST)) {
        try folder.write([2], to: bytes(name), replacing: true)
      }
      #expect(try folder.status(bytes(name))?.kind == kind)
    }
    #expect(try folder.names() == before)
  }

  @Test func foldersBelowAreMadeAndReached() throws {
    let path = try #require(RelativePath("a/b/c"))
    #expect(throws: FileError.self) { try self.folder.folder(path) }
    let made = try folder.folder(path, create: true)
    #expect(try folder.folder(path).identity == made.identity)
    #expect(made.path == root.path + "/a/b/c")
    #expect(made.isStill(at: bytes(root.path + "/a/b/c")))
    #expect(!made.isStill(at: bytes(root.path + "/a/b")))
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func aFolderThatTakesNoFilesIsKnownWithoutMakingAny() throws {
    let file = try #require(RelativePath("sub/new/file.png"))
    try folder.checkWritable(file)
    let sub = try folder.folder(RelativePath("sub"), create: true)
    try folder.checkWritable(file)
    #expect(chmod(root.path + "/sub", 0o500) == 0)
    defer { chmod(root.path + "/sub", 0o700) }
    #expect(throws: FileError(.create, folder.location(file.bytes), code: EACCES)) {
      try folder.checkWritable(file)
    }
    #expect(try sub.names().isEmpty)
  }

  @Test func aFolderThatIsGoneTakesNoFiles() throws {
    let file = try #require(RelativePath("file.png"))
    let gone = try folder.folder(RelativePath("gone"), create: true)
    try gone.checkWritable(file)
    #expect(rmdir(gone.path) == 0)
    #expect(throws: FileError(.create, gone.location(file.bytes), code: ENOENT)) {
      try gone.checkWritable(file)
    }
  }

  @Test func whatSomebodyIsWritingIsNotClearedAway() throws {
    let abandoned = TemporaryName.random()
    close(creat(root.path + "/" + String(decoding: abandoned, as: UTF8.self), 0o600))
    let (name, file) = try folder.makeTemporary(for: "x")
    for temporary in [name, abandoned] { try folder.removeAbandoned(temporary) }
    #expect(try folder.names() == [name])
    close(file)
    try folder.removeAbandoned(name)
    #expect(try folder.names().isEmpty)
  }

  @Test func symbolicLinksAreNeverFollowed() throws {
    let outside = try TemporaryFolder()
    try outside.folder.write(bytes("secret"), to: bytes("s"), replacing: false)
    let manager = FileManager.default
    try manager.createSymbolicLink(atPath: root.path + "/dir", withDestinationPath: outside.path)
    try manager.createSymbolicLink(atPath: root.path + "/file", withDestinationPath: outside.path + "/s")
    #expect(throws: FileError.self) { try self.folder.folder(RelativePath("dir")) }
    #expect(throws: FileError.self) { try self.folder.folder(RelativePath("dir/new"), create: true) }
    #expect(throws: ReadError.notAFile(path: root.path + "/file", .symbolicLink)) {
      try self.folder.read(bytes("file"), limit: 100)
    }
    #expect(try folder.status(bytes("dir"))?.kind == .symbolicLink)
    // Writing replaces the link, not what it points to.
    try folder.write(bytes("mine"), to: bytes("file"), replacing: true)
    #expect(try outside.folder.read(bytes("s"), limit: 100).bytes == bytes("secret"))
    #expect(try outside.folder.names() == [bytes("s")])
  }

  @Test func whatIsNoRegularFileIsRefusedAtOnce() throws {
    #expect(mkfifo(root.path + "/fifo", 0o600) == 0)
    _ = try folder.folder(RelativePath("folder"), create: true)
    #expect(throws: ReadError.notAFile(path: root.path + "/fifo", .fifo)) {
      try self.folder.read(bytes("fifo"), limit: 100)
    }
    #expect(throws: ReadError.notAFile(path: root.path + "/folder", .folder)) {
      try self.folder.read(bytes("folder"), limit: 100)
    }
    #expect(throws: ReadError.self) { try self.folder.read(bytes("absent"), limit: 100) }
  }

  @Test func aSparseGiantIsRefusedUnread() throws {
    try folder.write([], to: bytes("giant"), replacing: false)
    #expect(truncate(root.path + "/giant", 10 << 30) == 0)
    #expect(throws: ReadError.tooLarge(path: root.path + "/giant", size: 10 << 30, limit: 1 << 20)) {
      try self.folder.read(bytes("giant"), limit: 1 << 20)
    }
  }

  @Test func writingIsAllOrNothingAndRefusesToReplace() throws {
    try folder.write(bytes("first"), to: bytes("x"), replacing: false)
    do {
      try folder.write(bytes("second"), to: bytes("x"), replacing: false)
      Issue.record("replaced")
    } catch {
      #expect(error.code == EEXIST)
    }
    #expect(try folder.read(bytes("x"), limit: 100).bytes == bytes("first"))
    try folder.write(bytes("third"), to: bytes("x"), replacing: true)
    #expect(try folder.read(bytes("x"), limit: 100).bytes == bytes("third"))
    #expect(try folder.names() == [bytes("x")], "no temporaries are left")
  }

  @Test func aNameTooLongFailsWithoutATrace() throws {
    do {
      try folder.write([1], to: [UInt8](repeating: 0x61, count: 256), replacing: false)
      Issue.record("written")
    } catch {
      #expect(error.code == ENAMETOOLONG && error.isAboutTheName && !error.isDiskFull)
    }
    #expect(try folder.names().isEmpty)
  }

  @Test func temporariesAreRecognizedExactly() {
    #expect((0..<100).allSatisfy { _ in TemporaryName.matches(TemporaryName.random()) })
    #expect(TemporaryName.matches(TemporaryName.random() + bytes("tried out.png")))
    #expect(TemporaryName.matches(bytes(".acuity-0123456789abcdef.tmp")))
    for other in [
      ".acuity-0123456789abcde.tmp", ".acuity-0123456789abcdeG.tmp", ".acuity-0123456789abcdef.png",
    ] {
      #expect(!TemporaryName.matches(bytes(other)))
    }
  }

  @Test func aLockIsHeldByOneAndFreedWithItsHolder() async throws {
    var held = try FolderLock(folder)
    #expect(held != nil)
    #expect(try FolderLock(folder) == nil)
    #expect(try FolderLock(bytes("lock"), in: folder) != nil, "a lock file is another lock")
    held = nil
    #expect(try FolderLock(folder) != nil)
    let path = root.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let lock = try FolderLock(Folder(bytes(path)))
      #expect(lock != nil)
      kill(getpid(), SIGKILL)
    }
    #expect(try FolderLock(folder) != nil, "a killed holder holds nothing")
  }

  @Test func aFileIsOverwrittenInItsPlace() throws {
    #if canImport(Darwin)
      let name = bytes("name")
    #else
      // No UTF-8, and no other file's name once it is taken for that.
      let name: [UInt8] = [0x61, 0xff]
    #endif
    try folder.write(bytes("long content"), to: name, replacing: false)
    let file = try folder.status(name)?.identity
    try folder.overwrite(bytes("short"), in: name)
    #expect(try folder.read(name, limit: 100).bytes == bytes("short"))
    #expect(try folder.status(name)?.identity == file)
    #expect(throws: FileError(.open, folder.location(bytes("none")), code: ENOENT)) {
      try folder.overwrite(bytes("x"), in: bytes("none"))
    }
    #expect(try folder.names() == [name])
  }
}
