import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

@Suite struct LedgerFileTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A ledger of enough entries to fill many pages, written back into its main file.
  private func makeLedger(entries: Int = 500) throws {
    let ledger = try Ledger(path: folder.ledger)
    try ledger.write { db in
      for i in 0..<entries {
        let entry = LedgerEntry(
          path: bytes("name \(i)"), stamp: stamp, fingerprint: fingerprint("\(i)"), state: .done, attempts: 1,
          interruptions: 0, created: 1, changed: 2)
        try Ledger.save(db, entry)
      }
    }
    ledger.close()
  }

  private func expectCorrupt(_ comment: Comment) {
    do {
      _ = try Ledger(path: folder.ledger).entries()
      Issue.record("opened: \(comment)")
    } catch {
      guard case .corrupt(folder.ledger, _) = error else {
        Issue.record("\(comment): \(error)")
        return
      }
      #expect(error.description.contains(folder.ledger) && error.description.contains("Move it away"))
    }
  }

  @Test func writesAreSyncedInFull() throws {
    let ledger = try Ledger(path: folder.ledger)
    let mode = try ledger.read { db in try String.fetchOne(db, sql: "PRAGMA journal_mode") }
    let synchronous = try ledger.read { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") }
    #expect(mode == "wal" && synchronous == 2)
  }

  @Test func aStrangersLockIsWaitedForUntilTheEnd() throws {
    let ledger = try Ledger(path: folder.ledger)
    #expect(ledger.patience.lasts(afterTries: 0) && ledger.patience.lasts(afterTries: 499))
    #expect(!ledger.patience.lasts(afterTries: 500), "not for ever")
    ledger.endPatience()
    #expect(!ledger.patience.lasts(afterTries: 0))
    let stranger = try DatabaseQueue(path: folder.ledger)
    try stranger.writeWithoutTransaction { db in
      try db.execute(sql: "BEGIN IMMEDIATE")
      #expect(throws: LedgerError.locked(path: folder.ledger)) {
        try ledger.begin(bytes("a"), stamp: stamp, fingerprint: fingerprint("a"))
      }
      try db.execute(sql: "COMMIT")
    }
    try ledger.begin(bytes("a"), stamp: stamp, fingerprint: fingerprint("a"))
    #expect(try ledger.entries().count == 1)
  }

  @Test func aHealthyLedgerOpensAgain() throws {
    try makeLedger()
    #expect(try Ledger(path: folder.ledger).entries().count == 500)
  }

  @Test func aFileSystemWithoutSharedMemoryIsNamedAsThat() {
    for code in [ResultCode.SQLITE_IOERR_SHMOPEN, .SQLITE_IOERR_SHMMAP] {
      let error = Ledger.ledgerError(DatabaseError(resultCode: code), path: folder.ledger)
      #expect(error == .unshareable(path: folder.ledger))
      #expect(error.description.contains("keep the ledger on a local disk"))
    }
    // The last is what comes of a limit on the size of files.
    for code in [ResultCode.SQLITE_IOERR_READ, .SQLITE_IOERR_SHMSIZE] {
      let other = Ledger.ledgerError(DatabaseError(resultCode: code), path: folder.ledger)
      #expect("\(other)".contains("cannot be used: ") && !"\(other)".contains("local"))
      #expect("\(other)".contains("(ulimit -f)"))
    }
  }

  @Test func afileThatIsNoDatabaseIsRefused() throws {
    try Data("these are my notes, please keep them".utf8).write(to: URL(filePath: folder.ledger))
    expectCorrupt("a text file")
    #expect(try Data(contentsOf: URL(filePath: folder.ledger)).starts(with: Data("these are".utf8)))
  }

  @Test(arguments: [0, 77]) func aDatabaseOfAnotherProgramIsRefusedAndLeftAlone(_ mark: Int) throws {
    let other = try DatabaseQueue(path: folder.ledger)
    try other.write { db in
      try db.execute(sql: "CREATE TABLE photo (name TEXT); PRAGMA application_id = \(mark)")
    }
    try other.close()
    let before = try Data(contentsOf: URL(filePath: folder.ledger))
    #expect(throws: LedgerError.foreign(path: folder.ledger)) { try Ledger(path: self.folder.ledger) }
    #expect(throws: LedgerError.foreign(path: folder.ledger)) { try Ledger(reading: self.folder.ledger) }
    // Not even to another way of writing.
    #expect(try Data(contentsOf: URL(filePath: folder.ledger)) == before)
    #expect(LedgerError.foreign(path: "x").description.contains("another file for the ledger"))
  }

  @Test func aLedgerOfANewerVersionIsRefused() throws {
    let ledger = try Ledger(path: folder.ledger)
    try ledger.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('999')") }
    ledger.close()
    #expect(throws: LedgerError.newer(path: folder.ledger)) { try Ledger(path: self.folder.ledger) }
    #expect(throws: LedgerError.newer(path: folder.ledger)) { try Ledger(reading: self.folder.ledger) }
  }

  @Test(arguments: ["ledger", "100% of what? #1", "%41"]) func whoOnlyLooksLeavesNothingBesideTheLedger(
    name: String
  ) throws {
    let path = folder.path + "/" + name
    let ledger = try Ledger(path: path)
    try ledger.begin(bytes("a"), stamp: stamp, fingerprint: fingerprint("1"))
    // What is in use is read with what the log holds.
    #expect(try Ledger(reading: path).entry(for: bytes("a"))?.state == .running)
    ledger.close()
    let before = try folder.folder.tree()
    #expect(before.count == 1)
    let closed = try Ledger(reading: path)
    #expect(try closed.entry(for: bytes("a"))?.state == .running)
    #expect(try folder.folder.tree() == before)
    closed.close()
    #expect(try folder.folder.tree() == before)
  }

  @Test func damagedPagesAreReportedNotIgnored() throws {
    try makeLedger()
    let healthy = try Data(contentsOf: URL(filePath: folder.ledger))
    // The start of every page but the first, overwritten: the tree's structure is lost there.
    for page in stride(from: 4096, to: healthy.count, by: 4096 * 7) {
      var damaged = healthy
      for i in page..<page + 64 { damaged[i] = 0xa5 }
      try damaged.write(to: URL(filePath: folder.ledger))
      expectCorrupt("page at \(page)")
    }
    try healthy.write(to: URL(filePath: folder.ledger))
    #expect(try Ledger(path: folder.ledger).entries().count == 500, "the damage was the cause")
  }

  @Test func aTruncatedLedgerIsReported() throws {
    try makeLedger()
    let healthy = try Data(contentsOf: URL(filePath: folder.ledger))
    try healthy.prefix(healthy.count / 2).write(to: URL(filePath: folder.ledger))
    expectCorrupt("half a file")
  }

  @Test func aMissingFolderSaysSo() throws {
    let path = folder.path + "/absent/ledger.sqlite"
    #expect(throws: LedgerError.self) { try Ledger(path: path) }
    do { _ = try Ledger(path: path) } catch { #expect("\(error)".contains(path)) }
  }

  /// Each child works until it kills itself at a moment of its own; every call that had returned is found
  /// again, and at most the last is there without having been noted.
  @Test func nothingThatReturnedIsLostToKill() async throws {
    for round in 0..<6 {
      let path = folder.path
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, round = round as Int] in
        let ledger = try Ledger(path: path + "/ledger.sqlite")
        let notes = try #require(
          FileHandle(forUpdatingAtPath: path + "/notes") ?? Self.create(path + "/notes"))
        try notes.seekToEnd()
        for i in 0... {
          // However slow the machine is, some calls have returned by then.
          if i == 3 {
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(1 + 11 * round)) {
              kill(getpid(), SIGKILL)
            }
          }
          let name = bytes("\(round)-\(i)")
          try ledger.begin(name, stamp: stamp, fingerprint: fingerprint("\(round)-\(i)"))
          try ledger.finish(name)
          try notes.write(contentsOf: name + [0x0a])
        }
      }
    }
    let ledger = try Ledger(path: folder.ledger)
    let noted = try Data(contentsOf: URL(filePath: folder.path + "/notes")).split(separator: 0x0a)
    let done = Set(try ledger.entries(in: .done).map(\.path))
    #expect(noted.count >= 18)
    for name in noted { #expect(done.contains(Array(name))) }
    #expect(done.count <= noted.count + 6)
    #expect(try ledger.entries(in: .running).count <= 6)
  }

  private static func create(_ path: String) -> FileHandle? {
    guard FileManager.default.createFile(atPath: path, contents: nil) else { return nil }
    return FileHandle(forUpdatingAtPath: path)
  }
}
