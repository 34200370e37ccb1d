import TestSupport
import Testing

@testable import Ledger

@Suite struct LedgerProgressTests {
  let folder: TemporaryFolder
  let ledger: Ledger

  init() throws {
    folder = try TemporaryFolder()
    ledger = try Ledger(path: folder.ledger)
  }

  @Test func anInputGoesFromBegunToDone() throws {
    let begun = try ledger.begin(bytes("a.png"), stamp: stamp, fingerprint: fingerprint("A"))
    #expect(begun.state == .running && begun.attempts == 1)
    try ledger.publish(bytes("a.png"), output: bytes("out/a.png"), digest: .of("output"))
    try ledger.finish(bytes("a.png"))
    let entry = try #require(try ledger.entry(for: bytes("a.png")))
    #expect(entry.state == .done && entry.attempts == 1 && entry.reason == nil)
    #expect(entry.stamp == stamp && entry.fingerprint == fingerprint("A"))
    #expect(entry.output == bytes("out/a.png") && entry.outputDigest == .of("output"))
  }

  @Test func attemptsAreCountedAndEverythingSurvivesReopening() throws {
    for attempt in 1...3 {
      let entry = try ledger.begin(bytes("a"), stamp: stamp, fingerprint: fingerprint("A"))
      #expect(entry.attempts == attempt)
      try ledger.fail(bytes("a"), reason: "broken \(attempt)")
    }
    try ledger.quarantine(bytes("a"), reason: "given up")
    let before = try ledger.entries()
    ledger.close()
    let again = try Ledger(path: folder.ledger)
    #expect(try again.entries() == before)
    #expect(before.map(\.state) == [.quarantined] && before.map(\.reason) == ["given up"])
  }

  @Test(arguments: [fingerprint("B"), fingerprint("A", model: "x"), fingerprint("A", options: "x")])
  func anotherContentModelOrOptionsStartsTheCountAgain(changed: Fingerprint) throws {
    try ledger.begin(bytes("a"), stamp: stamp, fingerprint: fingerprint("A"))
    try ledger.quarantine(bytes("a"), reason: "given up")
    let entry = try ledger.begin(bytes("a"), stamp: stamp, fingerprint: changed)
    #expect(entry.attempts == 1 && entry.reason == nil && entry.fingerprint == changed)
  }

  @Test func givingBackDoesNotCountTheAttempt() throws {
    try ledger.begin(bytes("a"), stamp: stamp, fingerprint: fingerprint("A"))
    try ledger.release(bytes("a"))
    let entry = try #require(try ledger.entry(for: bytes("a")))
    #expect(entry.state == .pending && entry.attempts == 0)
    try ledger.release(bytes("a"))
    #expect(try ledger.entry(for: bytes("a"))?.attempts == 0)
  }

  @Test func whatAKilledProcessLeftRunningIsTakenBackAndQuarantinedAtTheLimit() throws {
    try ledger.begin(bytes("well"), stamp: stamp, fingerprint: fingerprint("well"))
    try ledger.finish(bytes("well"))
    for round in 1...3 {
      try ledger.begin(bytes("poison"), stamp: stamp, fingerprint: fingerprint("poison"))
      if round == 2 { try ledger.begin(bytes("unlucky"), stamp: stamp, fingerprint: fingerprint("unlucky")) }
      let found = try ledger.recover(interruptionLimit: 3)
      #expect(found.map(\.path) == [bytes("poison")] + (round == 2 ? [bytes("unlucky")] : []))
      #expect(found.first?.state == (round < 3 ? .pending : .quarantined))
    }
    let unlucky = try #require(try ledger.entry(for: bytes("unlucky")))
    #expect(unlucky.state == .pending && unlucky.attempts == 0 && unlucky.interruptions == 1)
    #expect(try ledger.counts() == [.pending: 1, .quarantined: 1, .done: 1])
    #expect(try ledger.recover(interruptionLimit: 3).isEmpty)
    // Other content is another file.
    let entry = try ledger.begin(bytes("poison"), stamp: stamp, fingerprint: fingerprint("cure"))
    #expect(entry.interruptions == 0 && entry.attempts == 1)
  }

  @Test func namesAreBytesNotText() throws {
    // Equal as Unicode text, and one that is no text at all: three files on most file systems.
    let names: [[UInt8]] = [bytes("\u{e9}.png"), bytes("e\u{301}.png"), [0xff, 0x0a, 0x1b]]
    for name in names { try ledger.begin(name, stamp: stamp, fingerprint: fingerprint("\(name)")) }
    #expect(Set(try ledger.entries().map(\.path)) == Set(names))
    for name in names { #expect(try ledger.entry(for: name)?.attempts == 1) }
  }

  @Test func finishedWorkIsFoundByContentModelAndOptions() throws {
    try ledger.begin(bytes("a"), stamp: stamp, fingerprint: fingerprint("A"))
    try ledger.publish(bytes("a"), output: bytes("o"), digest: .of("output"))
    #expect(try ledger.finished(like: fingerprint("A")) == nil, "running is not finished")
    try ledger.finish(bytes("a"))
    #expect(try ledger.finished(like: fingerprint("A"))?.output == bytes("o"))
    #expect(try ledger.finished(like: fingerprint("A", options: "scale=4")) == nil)
    #expect(try ledger.owners(ofOutput: bytes("o")).map(\.path) == [bytes("a")])
    #expect(try ledger.owners(ofOutput: bytes("p")).isEmpty)
  }

  @Test func ofThousandsOfEqualFilesOnlyAFewAreRead() throws {
    let names = (0..<40).map { bytes("\($0 + 10)") }
    for name in names.shuffled() {
      try ledger.begin(name, stamp: stamp, fingerprint: fingerprint("A"))
      try ledger.publish(name, output: name, digest: .of("output"))
      try ledger.finish(name)
    }
    var found: [[UInt8]] = []
    while true {
      let next = try ledger.finished(like: fingerprint("A"), after: found.last ?? [])
      #expect(next.count <= 10)
      if next.isEmpty { break }
      found += next.map(\.path)
    }
    #expect(found == names)
  }

  @Test func manyThreadsLoseNoUpdate() async throws {
    await withTaskGroup { group in
      for task in 0..<8 {
        group.addTask { [ledger] in
          for i in 0..<25 {
            _ = try? ledger.begin(bytes("\(task)/\(i)"), stamp: stamp, fingerprint: fingerprint("\(task)"))
            _ = try? ledger.begin(bytes("shared"), stamp: stamp, fingerprint: fingerprint("shared"))
          }
        }
      }
    }
    #expect(try ledger.entries().count == 201)
    #expect(try ledger.entry(for: bytes("shared"))?.attempts == 200)
  }
}
