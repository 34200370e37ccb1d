import Foundation
import GRDB

extension Ledger {
  /// What is recorded of `path`.
  package func entry(for path: [UInt8]) throws(LedgerError) -> LedgerEntry? {
    try read { db in try Self.entry(db, path) }
  }

  /// All entries in the order of their paths' bytes; those of one state if it is given.
  package func entries(in state: LedgerEntry.State? = nil) throws(LedgerError) -> [LedgerEntry] {
    try read { db in
      guard let state else { return try Self.entries(db, where: "1") }
      return try Self.entries(db, where: "state = ?", [state.rawValue])
    }
  }

  /// What is recorded of the outputs of the input `path`: under the key that is the path itself, and under those that
  /// have more to say after a zero byte, which no path contains.
  package func entries(ofInput path: [UInt8]) throws(LedgerError) -> [LedgerEntry] {
    try read { db in
      try Self.entries(
        db, where: "path = ? OR (path >= ? AND path < ?)", [Data(path), Data(path + [0]), Data(path + [1])])
    }
  }

  /// A finished input with the same content, model and options, whatever its name.
  package func finished(like fingerprint: Fingerprint) throws(LedgerError) -> LedgerEntry? {
    try finished(like: fingerprint, after: [], limit: 1).first
  }

  /// The finished inputs with the same content, model and options, whatever their names: the next ones after `path`, in the
  /// order of their paths' bytes. There may be thousands, of which the first few nearly always will do.
  package func finished(
    like fingerprint: Fingerprint, after path: [UInt8], limit: Int = 8
  ) throws(LedgerError) -> [LedgerEntry] {
    try read { db in
      try Self.entries(
        db,
        where: "content = ? AND model = ? AND options = ? AND path > ? AND state = 'done' "
          + "AND output IS NOT NULL AND outputDigest IS NOT NULL",
        [
          Data(fingerprint.content.bytes), Data(fingerprint.model.bytes), Data(fingerprint.options.bytes),
          Data(path),
        ], limit: limit)
    }
  }

  /// The inputs whose output has or is about to get the name `output`.
  package func owners(ofOutput output: [UInt8]) throws(LedgerError) -> [LedgerEntry] {
    try read { db in try Self.entries(db, where: "output = ?", [Data(output)]) }
  }

  /// How many entries are in each state.
  package func counts() throws(LedgerError) -> [LedgerEntry.State: Int] {
    try read { db in
      var counts: [LedgerEntry.State: Int] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT state, count(*) FROM entry GROUP BY state") {
        counts[try Self.state(row[0])] = row[1]
      }
      return counts
    }
  }

  // MARK: Rows

  static func entry(_ db: Database, _ path: [UInt8]) throws -> LedgerEntry? {
    try entries(db, where: "path = ?", [Data(path)]).first
  }

  static func entries(
    _ db: Database, where condition: String, _ arguments: StatementArguments = [], limit: Int? = nil
  ) throws -> [LedgerEntry] {
    let limit = limit.map { " LIMIT \($0)" } ?? ""
    let statement = try db.cachedStatement(
      sql: "SELECT * FROM entry WHERE \(condition) ORDER BY path\(limit)")
    return try Row.fetchAll(statement, arguments: arguments).map(Self.entry)
  }

  static func save(_ db: Database, _ entry: LedgerEntry) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO entry (path, size, modified, content, model, options, state, attempts, interruptions,
          output, outputDigest, reason, created, changed, formerDigests, outputSize, outputModified, heldUntil,
          hasLeft, statusChanged)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (path) DO UPDATE SET size = excluded.size, modified = excluded.modified,
          content = excluded.content, model = excluded.model, options = excluded.options,
          state = excluded.state, attempts = excluded.attempts, interruptions = excluded.interruptions,
          output = excluded.output, outputDigest = excluded.outputDigest, reason = excluded.reason, changed = excluded.changed,
          formerDigests = excluded.formerDigests, outputSize = excluded.outputSize,
          outputModified = excluded.outputModified, heldUntil = excluded.heldUntil,
          hasLeft = excluded.hasLeft, statusChanged = excluded.statusChanged
        """)
    try statement.execute(arguments: [
      Data(entry.path), entry.stamp.size, entry.stamp.modified, Data(entry.fingerprint.content.bytes),
      Data(entry.fingerprint.model.bytes), Data(entry.fingerprint.options.bytes), entry.state.rawValue,
      entry.attempts, entry.interruptions, entry.output.map { Data($0) },
      entry.outputDigest.map { Data($0.bytes) }, entry.reason,
      entry.created, entry.changed,
      entry.formerDigests.isEmpty ? nil : Data(entry.formerDigests.flatMap(\.bytes)),
      entry.outputStamp?.size, entry.outputStamp?.modified, entry.heldUntil,
      entry.hasLeft ? 1 : nil, entry.stamp.changed,
    ])
  }

  /// A ledger of a former version that is only read lacks the columns that came later; they are nil then.
  private static func entry(_ row: Row) throws -> LedgerEntry {
    LedgerEntry(
      path: try bytes(row["path"]),
      stamp: LedgerEntry.Stamp(size: row["size"], modified: row["modified"], changed: row["statusChanged"]),
      fingerprint: Fingerprint(
        content: try digest(row["content"]), model: try digest(row["model"]),
        options: try digest(row["options"])),
      state: try state(row["state"]),
      attempts: row["attempts"],
      interruptions: row["interruptions"],
      output: (row["output"] as Data?).map { Array($0) },
      outputDigest: try (row["outputDigest"] as Data?).map(digest),
      formerDigests: try digests(row["formerDigests"]),
      outputStamp: stamp(row["outputSize"], row["outputModified"]),
      hasLeft: (row["hasLeft"] as Int?) == 1,
      heldUntil: row["heldUntil"],
      reason: row["reason"],
      created: row["created"],
      changed: row["changed"])
  }

  // The schema's checks make these impossible in a healthy file; in an unhealthy one they are reported.

  private static func bytes(_ data: Data?) throws -> [UInt8] {
    guard let data else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "an entry has no path") }
    return Array(data)
  }

  private static func digest(_ data: Data?) throws -> SHA256.Digest {
    guard let digest = SHA256.Digest(bytes: try bytes(data)) else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a digest is not 32 bytes long")
    }
    return digest
  }

  private static func digests(_ data: Data?) throws -> [SHA256.Digest] {
    let bytes = data.map { Array($0) } ?? []
    return try stride(from: 0, to: bytes.count, by: 32).map {
      try digest(Data(bytes[$0..<min($0 + 32, bytes.count)]))
    }
  }

  private static func stamp(_ size: Int64?, _ modified: Int64?) -> LedgerEntry.Stamp? {
    guard let size, let modified else { return nil }
    return LedgerEntry.Stamp(size: size, modified: modified)
  }

  private static func state(_ text: String?) throws -> LedgerEntry.State {
    guard let state = text.flatMap(LedgerEntry.State.init(rawValue:)) else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "an entry's state is unknown")
    }
    return state
  }
}
