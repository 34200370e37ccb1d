import Foundation
import GRDB

extension Ledger {
  /// Counts an attempt at `path` and marks it running. With another fingerprint than the recorded one, the
  /// count starts again and an earlier failure is forgotten. The earlier output's name stays, and its digest
  /// as a former one: it can still be told from a stranger's file, but never counts as what comes of this content.
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
        entry.retireOutput()
      }
      entry.heldUntil = nil
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
      // Until it has its name, what was there before may be there still.
      if entry.outputDigest != digest { entry.retireOutput() }
      if entry.output != output { entry.formerDigests = [] }
      entry.formerDigests.removeAll { $0 == digest }
      entry.output = output
      entry.outputDigest = digest
      entry.outputStamp = nil
      entry.hasLeft = false
    }
  }

  /// The output of `path` is complete under its final name, and its directory is synced. `outputStamp` is how it looks
  /// there, `stamp` how the input looks, if it has not been begun anew.
  package func finish(
    _ path: [UInt8], stamp: LedgerEntry.Stamp? = nil, outputStamp: LedgerEntry.Stamp? = nil
  ) throws(LedgerError) {
    try update(path) { entry in
      if let stamp { entry.stamp = stamp }
      entry.state = .done
      entry.reason = nil
      entry.interruptions = 0
      entry.formerDigests = []
      entry.heldUntil = nil
      if let outputStamp { entry.outputStamp = outputStamp }
    }
  }

  /// Records under `path` what another entry, of the same input at another place, knows of a finished output that was found
  /// to be here too.
  package func inherit(
    _ path: [UInt8], from other: LedgerEntry, stamp: LedgerEntry.Stamp, outputStamp: LedgerEntry.Stamp?
  ) throws(LedgerError) {
    let now = Self.now()
    try write { db in
      var entry = other
      entry.path = path
      entry.stamp = stamp
      entry.state = .done
      entry.reason = nil
      entry.interruptions = 0
      entry.formerDigests = []
      entry.heldUntil = nil
      entry.hasLeft = false
      entry.outputStamp = outputStamp
      (entry.created, entry.changed) = (now, now)
      try Self.save(db, entry)
    }
  }

  /// Says in which folder the outputs' names are. If it is another one than before, nothing is finished there yet as far
  /// as the ledger knows: what is found there by its digest becomes so again.
  package func attach(to folder: [UInt8]) throws(LedgerError) {
    try attach(
      "outputs", folder, otherwise: "UPDATE entry SET state = 'pending', attempts = 0 WHERE state = 'done'")
  }

  /// Says which folder the inputs are in. If it is another one than before, the finished ones are no longer there as far as
  /// the ledger knows: what is found there with the same content becomes so again.
  package func attach(toInputs folder: [UInt8]) throws(LedgerError) {
    try attach("inputs", folder, otherwise: "UPDATE entry SET hasLeft = 1 WHERE state = 'done'")
  }

  /// Remembers `value`; where another one was known, the entries are changed.
  private func attach(_ name: String, _ value: [UInt8], otherwise change: String) throws(LedgerError) {
    try write { db in
      let former = try Data.fetchOne(db, sql: "SELECT value FROM fact WHERE name = ?", arguments: [name])
      guard former != Data(value) else { return }
      try db.execute(sql: "INSERT OR REPLACE INTO fact VALUES (?, ?)", arguments: [name, Data(value)])
      if former != nil { try db.execute(sql: change) }
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

  /// Notes that an input whose content is known to be unchanged is there, with this time.
  package func restamp(_ path: [UInt8], _ stamp: LedgerEntry.Stamp) throws(LedgerError) {
    try update(path) { entry in
      entry.stamp = stamp
      if entry.state == .done { entry.hasLeft = false }
    }
  }

  /// Notes whether the input is about to be taken out of its folder for good, or has stayed there after all.
  package func note(_ path: [UInt8], hasLeft: Bool) throws(LedgerError) {
    try update(path) { $0.hasLeft = hasLeft }
  }

  /// Takes back what a killed process left running. The attempt is not counted as the file's failure, for the
  /// cause may be anything; but an input over which the process died `limit` times is quarantined for a while.
  ///
  /// Only for a while, since a file over which the process always dies cannot be told from an innocent one that was
  /// always in work when somebody killed it or the power went: neither the number of deaths nor how soon they follow
  /// each other says which. So neither is given up for good. A poison costs a death an hour, then every two, four
  /// and at last 24 hours; an innocent file is done an hour late. Other content, and an end in good order, begin anew.
  /// Only for the holder of the folder's lock.
  ///
  /// - Returns: the entries that were running, in their new state.
  @discardableResult
  package func recover(
    interruptionLimit limit: Int, now: Int64 = Ledger.now()
  ) throws(LedgerError) -> [LedgerEntry] {
    try write { db in
      try Self.entries(db, where: "state = 'running'").map { found in
        var entry = found
        entry.changed = now
        entry.attempts = max(0, entry.attempts - 1)
        entry.interruptions += 1
        entry.reason = "the process died while working on it (\(entry.interruptions)x)"
        if entry.interruptions >= limit {
          let hours = Int64(min(24, 1 << min(5, entry.interruptions - limit)))
          entry.state = .quarantined
          entry.heldUntil = now + hours * 3_600_000_000_000
          entry.reason? += "; it is tried again after \(hours) h"
        } else {
          entry.state = .pending
        }
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
