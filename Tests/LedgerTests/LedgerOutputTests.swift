import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

/// For what an output's digest stands, and for how long.
@Suite struct LedgerOutputTests {
  let folder: TemporaryFolder
  let ledger: Ledger

  init() throws {
    folder = try TemporaryFolder()
    ledger = try Ledger(path: folder.ledger)
  }

  private func make(_ name: String, of content: String, to output: String? = nil, _ made: String) throws {
    try ledger.begin(bytes(name), stamp: stamp, fingerprint: fingerprint(content))
    try ledger.publish(bytes(name), output: bytes(output ?? name), digest: .of(made))
    try ledger.finish(bytes(name), outputStamp: stamp)
  }

  private func entry(_ name: String) throws -> LedgerEntry {
    try #require(try ledger.entry(for: bytes(name)))
  }

  @Test(arguments: [fingerprint("B"), fingerprint("A", model: "x"), fingerprint("A", options: "x")])
  func anEarlierOutputNeverStandsForAnotherFingerprint(changed: Fingerprint) throws {
    try make("a", of: "A", "old")
    #expect(try entry("a").outputDigest == .of("old") && entry("a").outputStamp == stamp)
    try ledger.begin(bytes("a"), stamp: stamp, fingerprint: changed)
    var now = try entry("a")
    #expect(
      now.outputDigest == nil && now.outputStamp == nil && now.owns(.of("old")) && now.output == bytes("a"))
    // Not even if somebody should call it finished.
    try ledger.finish(bytes("a"))
    #expect(try ledger.finished(like: changed) == nil)
    // Begun again, published and not renamed, begun with a third: whatever may be there is ours.
    try ledger.begin(bytes("a"), stamp: stamp, fingerprint: fingerprint("A"))
    try make("b", of: "A", "old")
    try ledger.begin(bytes("b"), stamp: stamp, fingerprint: changed)
    try ledger.publish(bytes("b"), output: bytes("b"), digest: .of("new"))
    now = try entry("b")
    #expect(now.outputDigest == .of("new") && now.owns(.of("old")) && now.owns(.of("new")))
    try ledger.begin(bytes("b"), stamp: stamp, fingerprint: fingerprint("C"))
    now = try entry("b")
    #expect(now.outputDigest == nil && now.owns(.of("old")) && now.owns(.of("new")))
    try make("b", of: "C", "newest")
    now = try entry("b")
    #expect(now.outputDigest == .of("newest") && !now.owns(.of("old")) && !now.owns(.of("new")))
  }

  @Test func underAnotherNameAnEarlierOutputIsNotOurs() throws {
    try make("a", of: "A", to: "a.png", "old")
    try ledger.begin(bytes("a"), stamp: stamp, fingerprint: fingerprint("A", options: "x"))
    try ledger.publish(bytes("a"), output: bytes("a_2x.png"), digest: .of("new"))
    // Somebody may have copied the one before to the new name.
    let now = try entry("a")
    #expect(now.owns(.of("new")) && !now.owns(.of("old")))
  }

  @Test func whatIsInheritedIsOfAnInputThatIsThere() throws {
    try make("a", of: "A", "old")
    try ledger.note(bytes("a"), hasLeft: true)
    try ledger.inherit(bytes("b"), from: entry("a"), stamp: stamp, outputStamp: nil)
    let heir = try entry("b")
    #expect(heir.state == .done && heir.owns(.of("old")) && !heir.hasLeft)
  }

  @Test func thatAnInputHasLeftIsKnownUntilAnotherOutputIsMade() throws {
    try make("a", of: "A", "old")
    try ledger.note(bytes("a"), hasLeft: true)
    // Another content that fails makes no output.
    try ledger.begin(bytes("a"), stamp: stamp, fingerprint: fingerprint("B"))
    try ledger.quarantine(bytes("a"), reason: "damaged")
    try ledger.restamp(bytes("a"), stamp)
    #expect(try entry("a").hasLeft && entry("a").owns(.of("old")))
    try make("a", of: "C", "new")
    #expect(try !entry("a").hasLeft)
    // It has come back.
    try ledger.note(bytes("a"), hasLeft: true)
    try ledger.restamp(bytes("a"), stamp)
    #expect(try !entry("a").hasLeft)
  }

  @Test func anInputsEntriesAreFoundByItsPath() throws {
    for key in ["a", "a\0one", "a\0two\0three", "ab", "a!", "b"] {
      try ledger.begin(bytes(key), stamp: stamp, fingerprint: fingerprint("A"))
    }
    #expect(
      try ledger.entries(ofInput: bytes("a")).map(\.path)
        == ["a", "a\0one", "a\0two\0three"].map { bytes($0) })
    try ledger.begin([0xff], stamp: stamp, fingerprint: fingerprint("A"))
    #expect(try ledger.entries(ofInput: [0xff]).count == 1)
  }

  @Test func inAnotherFolderOfOutputsNothingIsFinishedYet() throws {
    try make("a", of: "A", "made")
    try ledger.attach(to: bytes("/one"))
    try ledger.attach(to: bytes("/one"))
    #expect(try entry("a").state == .done, "the first folder is the one that all of it was about")
    try ledger.attach(to: bytes("/two"))
    let now = try entry("a")
    #expect(now.state == .pending && now.attempts == 0 && now.outputDigest == .of("made"))
  }

  @Test func whoeverWasInWorkAtTooManyDeathsIsHeldBackForAWhileOnly() throws {
    let hour: Int64 = 3_600_000_000_000
    for death in 1...9 {
      try ledger.begin(bytes("a"), stamp: stamp, fingerprint: fingerprint("A"))
      let found = try #require(try ledger.recover(interruptionLimit: 3, now: 5).first)
      #expect(found.interruptions == death && found.attempts == 0)
      #expect(found.state == (death < 3 ? .pending : .quarantined))
      let hours = [nil, nil, 1, 2, 4, 8, 16, 24, 24][death - 1]
      #expect(found.heldUntil == hours.map { 5 + Int64($0) * hour })
    }
    try ledger.begin(bytes("a"), stamp: stamp, fingerprint: fingerprint("A"))
    #expect(try entry("a").heldUntil == nil && entry("a").interruptions == 9)
    try ledger.finish(bytes("a"))
    #expect(try entry("a").interruptions == 0)
  }

  @Test func whatIsNotKnownOfAStampAgreesWithEverything() throws {
    let known = LedgerEntry.Stamp(size: 1, modified: 2, changed: 3)
    try ledger.begin(bytes("a"), stamp: known, fingerprint: fingerprint("A"))
    #expect(try entry("a").stamp == known)
    let unknown = LedgerEntry.Stamp(size: 1, modified: 2)
    #expect(known.matches(known) && known.matches(unknown) && unknown.matches(known))
    for other in [
      LedgerEntry.Stamp(size: 1, modified: 2, changed: 4), .init(size: 1, modified: 9, changed: 3),
      .init(size: 9, modified: 2),
    ] {
      #expect(!known.matches(other) && !other.matches(known))
    }
  }

  // MARK: Ledgers of the first version

  /// A ledger as the first version has left it: finished, failed after a change, and under way.
  private func makeOldLedger() throws -> String {
    let path = folder("old.sqlite")
    let database = try DatabaseQueue(path: path)
    try database.writeWithoutTransaction {
      try $0.execute(sql: "PRAGMA application_id = \(Ledger.applicationID)")
    }
    try Ledger.migrator.migrate(database, upTo: "1")
    try database.write { db in
      for state in ["done", "failed", "running"] {
        try db.execute(
          sql: "INSERT INTO entry VALUES (?, 1, 2, ?, ?, ?, ?, 1, 0, ?, ?, NULL, 3, 4)",
          arguments: [
            Data(state.utf8), Data(SHA256.digest("c").bytes), Data(SHA256.digest("m").bytes),
            Data(SHA256.digest("o").bytes), state, Data(state.utf8), Data(SHA256.digest("made").bytes),
          ])
      }
    }
    try database.close()
    return path
  }

  @Test func aLedgerOfTheFirstVersionGoesOn() throws {
    let ledger = try Ledger(path: try makeOldLedger())
    let done = try #require(try ledger.entry(for: bytes("done")))
    #expect(done.outputDigest == .of("made") && done.outputStamp == nil && done.formerDigests.isEmpty)
    #expect(done.stamp == LedgerEntry.Stamp(size: 1, modified: 2, changed: nil))
    for name in ["failed", "running"] {
      let entry = try #require(try ledger.entry(for: bytes(name)))
      // Of which content it was is not known.
      #expect(entry.outputDigest == nil && entry.owns(.of("made")))
    }
    #expect(try ledger.recover(interruptionLimit: 3).count == 1)
    try ledger.checkIntegrity()
  }

  @Test func aLedgerOfTheFirstVersionIsReadWithoutBeingChanged() throws {
    let path = try makeOldLedger()
    let before = try Data(contentsOf: URL(filePath: path))
    #expect(try Ledger(reading: path).entry(for: bytes("done"))?.outputDigest == .of("made"))
    #expect(try Data(contentsOf: URL(filePath: path)) == before)
  }
}
