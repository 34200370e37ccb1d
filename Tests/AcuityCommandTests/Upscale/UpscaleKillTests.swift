import Acuity
import Foundation
import TestSupport
import Testing

/// What a process that dies at any moment leaves behind: whole outputs, untouched inputs, and work that the next run
/// finishes to the same bytes.
@Suite("acuity upscale, killed")
struct UpscaleKillTests {
  let fixture: UpscaleFixture

  init() throws {
    fixture = try UpscaleFixture()
  }

  @Test("Killed at random moments, a batch ends as an undisturbed one", arguments: [false, true])
  func kills(withLedger: Bool) throws {
    let count = 100
    try fixture.putPictures(count)
    // The last one, and with it a batch that is to be killed, comes to no end: every kill meets it at work.
    try fixture.put(try UpscaleFixture.faulty("hang"), "z.jpg")
    let inputs = try fixture.tree(fixture.inputs)
    #expect(try fixture.run().code == 0)
    let expected = try fixture.tree()
    #expect(expected.count == count + 1)

    let options = withLedger ? ["--ledger", fixture.folder("ledger")] : []
    var random = RandomSource(seed: withLedger ? 7 : 8)
    fixture.clearOutputs()
    for _ in 0..<100 {
      var done = wholeOutputs()
      if done == count {
        fixture.clearOutputs()
        try? FileManager.default.removeItem(atPath: fixture.folder("ledger"))
        done = 0
      }
      // When there are some more of those that are left, or before there are: however fast the machine is.
      let enough = done + Int(Double(count - done) * random.uniform())
      let run = try Acuity.start(
        fixture.arguments(options).map { Array($0.utf8) }, environment: WorkerFault.variables)
      #expect(run.waits { wholeOutputs() >= enough })
      usleep(UInt32.random(in: 0..<10_000, using: &random))
      run.signal(SIGKILL)
      #expect(run.wait().code == 128 + SIGKILL)
      for (name, content) in try fixture.tree() where !name.contains(".acuity-") {
        #expect(expected[name] == content, "\(name) is not whole")
      }
    }
    let last = try fixture.run(options)
    #expect(last.code == 0, "\(last.errors)")
    #expect(try fixture.tree() == expected, "the same bytes, and no temporaries")
    #expect(try fixture.tree(fixture.inputs) == inputs)
  }

  /// How many outputs have their names.
  private func wholeOutputs() -> Int {
    // While the batch makes folders there, a listing may fail.
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: fixture.outputs)) ?? []
    return paths.count { $0.contains(".") && !$0.contains(".acuity-") }
  }

  @Test("A second run with the same ledger at the same time waits for another day")
  func lockedLedger() throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    // The first run does not end by itself.
    try fixture.put(try UpscaleFixture.faulty("hang"), "z.jpg")
    let options = ["--ledger", fixture.folder("ledger")]
    let first = try Acuity.start(
      fixture.arguments(options).map { Array($0.utf8) }, environment: WorkerFault.variables)
    #expect(try first.waits { try fixture.tree()["a.png"] != nil })
    let second = try fixture.run(options)
    #expect(second.code == 75, "\(second.errors)")
    #expect(second.errors.contains("in use"))
    first.signal(SIGINT)
    #expect(first.wait().code == 130)
    #expect(try fixture.run(options).code == 0)
    #expect(try fixture.tree().keys.sorted() == ["a.png", "z.jpg"])
  }
}
