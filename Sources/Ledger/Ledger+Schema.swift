import GRDB

extension Ledger {
  /// Marks the file as ours ("ACUL"), so that a database of another program is refused, never altered.
  static let applicationID = 0x4143_554c

  /// Every version of the schema, in order. A landed step is never edited; a change is a further step.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { db in
      try db.execute(
        sql: """
          CREATE TABLE entry (
            path BLOB PRIMARY KEY NOT NULL CHECK (length(path) > 0),
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            content BLOB NOT NULL CHECK (length(content) = 32),
            model BLOB NOT NULL CHECK (length(model) = 32),
            options BLOB NOT NULL CHECK (length(options) = 32),
            state TEXT NOT NULL CHECK (state IN ('pending', 'running', 'done', 'failed', 'quarantined')),
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            interruptions INTEGER NOT NULL CHECK (interruptions >= 0),
            output BLOB,
            outputDigest BLOB CHECK (outputDigest IS NULL OR length(outputDigest) = 32),
            reason TEXT,
            created INTEGER NOT NULL,
            changed INTEGER NOT NULL
          ) STRICT, WITHOUT ROWID;
          CREATE INDEX entryByFingerprint ON entry (content, model, options);
          CREATE INDEX entryByOutput ON entry (output) WHERE output IS NOT NULL;
          CREATE INDEX entryByState ON entry (state);
          """)
    }
    migrator.registerMigration("2") { db in
      try db.execute(
        sql: """
          ALTER TABLE entry ADD COLUMN formerDigests BLOB
            CHECK (formerDigests IS NULL OR length(formerDigests) % 32 = 0);
          ALTER TABLE entry ADD COLUMN outputSize INTEGER;
          ALTER TABLE entry ADD COLUMN outputModified INTEGER;
          ALTER TABLE entry ADD COLUMN heldUntil INTEGER;
          -- Of work that did not end, nothing told whether the digest was of this content or of the one before.
          UPDATE entry SET formerDigests = outputDigest, outputDigest = NULL
            WHERE state <> 'done' AND outputDigest IS NOT NULL;
          CREATE TABLE fact (name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("3") { db in
      try db.execute(sql: "ALTER TABLE entry ADD COLUMN hasLeft INTEGER")
    }
    migrator.registerMigration("4") { db in
      try db.execute(sql: "ALTER TABLE entry ADD COLUMN statusChanged INTEGER")
    }
    return migrator
  }
}
