import Foundation
import GRDB
import GRDBSQLite

/// The durable record of which input has come how far: one SQLite file in WAL mode with `synchronous = FULL`,
/// so that whatever a call returned from survives a power cut.
///
/// The order of calls for one input, each a transaction of its own:
///
///     begin    attempts + 1, state running        before any work: a file that kills the process is counted
///     publish  the output's name and digest       before the output appears: it is ours whatever happens then
///     finish   state done                         after the output's directory was synced
///
/// or instead of the last: `fail`, `quarantine`, `release`. Calls block for the length of a disk sync
/// (0.4 ms on an SSD) and may come from any thread.
package final class Ledger: Sendable {
  /// As given, for messages.
  package let path: String
  let database: DatabaseQueue
  let patience = Patience()

  /// Opens or creates the ledger and checks it. The folder must exist.
  ///
  /// - Complexity: O(size of the file): SQLite's integrity check reads it once, 10 ms for 10,000 entries.
  package init(path: String) throws(LedgerError) {
    self.path = path
    var configuration = Configuration()
    configuration.label = "ledger"
    configuration.busyMode = .callback { [patience] in patience.lasts(afterTries: $0) }
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA synchronous = FULL")
      // Apple's fsync only reaches the drive's cache; elsewhere these are ignored.
      try db.execute(sql: "PRAGMA fullfsync = ON")
      try db.execute(sql: "PRAGMA checkpoint_fullfsync = ON")
      // Apple's SQLite leaves its files beside a closed ledger unless told not to; elsewhere this is so anyway.
      var persists: Int32 = 0
      _ = unsafe sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &persists)
    }
    do {
      database = try DatabaseQueue(path: path, configuration: configuration)
      try Self.identify(database, path: path)
      try database.writeWithoutTransaction { db in
        // Lasting, so that no file of another program may be touched by it.
        try db.execute(sql: "PRAGMA journal_mode = WAL")
        // Without a change, and yet it fails where nothing can be written: not only after all inputs are read.
        try db.execute(sql: "PRAGMA application_id = \(Self.applicationID)")
      }
      try Self.migrator.migrate(database)
    } catch {
      throw Self.ledgerError(error, path: path)
    }
    try checkIntegrity()
  }

  /// Opens a ledger that is there, to look at it and nothing else; checks it as the other does.
  package init(reading path: String) throws(LedgerError) {
    self.path = path
    do {
      database = try Self.opened(reading: path)
      try database.read { db in
        guard try Int.fetchOne(db, sql: "PRAGMA application_id") == Self.applicationID else {
          throw LedgerError.foreign(path: path)
        }
        if try Self.migrator.hasBeenSuperseded(db) { throw LedgerError.newer(path: path) }
      }
    } catch {
      throw Self.ledgerError(error, path: path)
    }
    try checkIntegrity()
  }

  /// SQLite makes files beside a database in WAL mode also to read it, but for one that it is told will not change. So it is
  /// told of a ledger that is closed, which lies in its one file; of one in use the files are there already.
  private static func opened(reading path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.label = "ledger"
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    if !FileManager.default.fileExists(atPath: path + "-wal"),
      let name = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
    {
      // An SQLite that knows no such names finds no such file.
      let uri = (path.hasPrefix("/") ? "file://" : "file:") + name + "?immutable=1"
      if let closed = try? DatabaseQueue(path: uri, configuration: configuration) { return closed }
    }
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  /// Runs SQLite's full check of the file.
  package func checkIntegrity() throws(LedgerError) {
    let problems = try read { db in try String.fetchAll(db, sql: "PRAGMA integrity_check(3)") }
    guard problems == ["ok"] else {
      throw .corrupt(path: path, detail: problems.joined(separator: "; "))
    }
  }

  /// From now on calls fail at once, as `locked`, where another process has the file locked; also one that waits already.
  package func endPatience() { patience.end() }

  /// Writes the log back into the file and lets go of it. Nothing is lost without it.
  package func close() {
    try? database.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
    try? database.close()
  }

  /// A fresh file gets our mark; a file with another mark, or with tables and no mark, is not ours.
  private static func identify(_ database: DatabaseQueue, path: String) throws {
    try database.writeWithoutTransaction { db in
      let id = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
      if id == applicationID {
        if try migrator.hasBeenSuperseded(db) { throw LedgerError.newer(path: path) }
        return
      }
      let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
      guard id == 0, tables == 0 else {
        throw LedgerError.foreign(path: path)
      }
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
    }
  }

  // MARK: Access with typed errors

  func read<T>(_ body: (Database) throws -> T) throws(LedgerError) -> T {
    do { return try database.read(body) } catch { throw Self.ledgerError(error, path: path) }
  }

  func write<T>(_ body: (Database) throws -> T) throws(LedgerError) -> T {
    do { return try database.write(body) } catch { throw Self.ledgerError(error, path: path) }
  }

  static func ledgerError(_ error: any Error, path: String) -> LedgerError {
    if let error = error as? LedgerError { return error }
    guard let error = error as? DatabaseError else { return .unusable(path: path, detail: "\(error)") }
    let detail = error.message ?? "SQLite result \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CONSTRAINT: return .corrupt(path: path, detail: detail)
    case .SQLITE_BUSY, .SQLITE_LOCKED: return .locked(path: path)
    case .SQLITE_FULL: return .diskFull(path: path)
    // That it, or what it keeps beside the file, cannot be made or cannot grow counts as an error of another kind.
    case .SQLITE_IOERR where isFull(besides: path), .SQLITE_CANTOPEN where isFull(besides: path):
      return .diskFull(path: path)
    case .SQLITE_IOERR where lackOfSharedMemory.contains(error.extendedResultCode):
      return .unshareable(path: path)
    case .SQLITE_IOERR:
      return .unusable(
        path: path, detail: "\(detail): is its disk sound, and the size of files not limited (ulimit -f)?")
    default: return .unusable(path: path, detail: detail)
    }
  }

  private static let lackOfSharedMemory: [ResultCode] = [
    .SQLITE_IOERR_SHMOPEN, .SQLITE_IOERR_SHMLOCK, .SQLITE_IOERR_SHMMAP,
  ]

  /// Whether the disk that holds a file has no room for more, or for no more files.
  private static func isFull(besides path: String) -> Bool {
    let folder = URL(filePath: path).deletingLastPathComponent().path
    let disk = try? FileManager.default.attributesOfFileSystem(forPath: folder)
    let (space, files) = (disk?[.systemFreeSize] as? NSNumber, disk?[.systemFreeNodes] as? NSNumber)
    // A file system may not count its files.
    let counts = (disk?[.systemNodes] as? NSNumber)?.int64Value != 0
    return space.map { $0.int64Value < 1 << 16 } == true || (counts && files?.int64Value == 0)
  }

  /// Nanoseconds since 1970.
  package static func now() -> Int64 {
    Int64(Date().timeIntervalSince1970 * 1e9)
  }
}
