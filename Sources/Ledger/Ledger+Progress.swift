import Foundation
import GRDB

extension Ledger {
  /// Counts an attempt at `path` and marks it running. With another fingerprint than the recorded one, the
  /// count starts again and an earlier failure is forgotten; the earlier output's name and digest stay, so
  /// that it can be told from a stranger's file.
  ///
  /// - Returns: the entry as recorded, the attempt included.
  @discardableResult
  package func begin(
    _ path: [UInt8], stamp: LedgerEntry.Stamp, fingerprint: Fingerprint
  ) throws(LedgerError) -> LedgerEntry {
    let now = Self.now()
    return try write { db in
      var entry =
        try Self.entry(db, path)
        ?? LedgerEntry(
          path: path, stamp: stamp, fingerprint: fingerprint, state: .pending, attempts: 0,
          interruptions: 0, created: now, changed: now)
      if entry.fingerprint != fingerprint {
        entry.fingerprint = fingerprint
        entry.attempts = 0
        entry.interruptions = 0
        entry.reason = nil
      }
      entry.stamp = stamp
      entry.state = .running
      entry.attempts += 1
      entry.changed = now
      try Self.save(db, entry)
      return entry
    }
  }

  /// Records the output that is about to get its final name.
  package func publish(
    _ path: [UInt8], output: [UInt8], digest: SHA256.Digest
  ) throws(LedgerError) {
    try update(path) { entry in
      entry.output = output
      entry.outputDigest = digest
    }
  }

  /// The output of `path` is complete under its final name, and its directory is synced.
  package func finish(_ path: [UInt8]) throws(LedgerError) {
    try update(path) { entry in
      entry.state = .done
      entry.reason = nil
    }
  }

  /// The attempt failed; another may follow.
  package func fail(_ path: [UInt8], reason: String) throws(LedgerError) {
    try update(path) { entry in
      entry.state = .failed
      entry.reason = reason
    }
  }

  /// No further attempt at this fingerprint.
  package func quarantine(_ path: [UInt8], reason: String) throws(LedgerError) {
    try update(path) { entry in
      entry.state = .quarantined
      entry.reason = reason
    }
  }

  /// Gives a running input back without counting the attempt: the run was stopped, the file was not complete,
  /// or the disk was full; none of it is the file's fault.
  package func release(_ path: [UInt8]) throws(LedgerError) {
    try update(path) { entry in
      guard entry.state == .running else { return }
      entry.state = .pending
      entry.attempts = max(0, entry.attempts - 1)
    }
  }

  /// Notes a new time of an input whose content is known to be unchanged.
  package func restamp(_ path: [UInt8], _ stamp: LedgerEntry.Stamp) throws(LedgerError) {
    try update(path) { $0.stamp = stamp }
  }

  /// Takes back what a killed process left running. The attempt is not counted as the file's failure, for the
  /// cause may be anything; but an input over which the process died `limit` times is quarantined.
  /// Only for the holder of the folder's lock.
  ///
  /// - Returns: the entries that were running, in their new state.
  @discardableResult
  package func recover(interruptionLimit limit: Int) throws(LedgerError) -> [LedgerEntry] {
    let now = Self.now()
    return try write { db in
      try Self.entries(db, where: "state = 'running'").map { found in
        var entry = found
        entry.changed = now
        entry.attempts -= 1
        entry.interruptions += 1
        entry.state = entry.interruptions >= limit ? .quarantined : .pending
        entry.reason = "the process died while working on it (\(entry.interruptions) times)"
        try Self.save(db, entry)
        return entry
      }
    }
  }

  private func update(_ path: [UInt8], _ change: (inout LedgerEntry) -> Void) throws(LedgerError) {
    let now = Self.now()
    try write { db in
      guard var entry = try Self.entry(db, path) else { return }
      change(&entry)
      entry.changed = now
      try Self.save(db, entry)
    }
  }
}
