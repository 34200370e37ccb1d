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
    try fixture.putPictures(100)
    let inputs = try fixture.tree(fixture.inputs)
    var code: Int32?
    let undisturbed = try ContinuousClock().measure { code = try fixture.run().code }
    #expect(code == 0)
    let expected = try fixture.tree()
    #expect(expected.count == 100)

    let options = withLedger ? ["--ledger", fixture.folder("ledger")] : []
    var random = RandomSource(seed: withLedger ? 7 : 8)
    let kills = SharedData.runsFullTests ? 100 : 6
    var interrupted = 0
    fixture.clearOutputs()
    for _ in 0..<kills {
      if try fixture.tree().count == 100 {
        fixture.clearOutputs()
        try? FileManager.default.removeItem(atPath: fixture.folder("ledger"))
      }
      // At a random moment of what is left to do, however fast the machine is.
      let left = 1 - Double(try fixture.tree().count { !$0.key.contains(".acuity-") }) / 100
      let run = try Acuity.start(fixture.arguments(options).map { Array($0.utf8) })
      usleep(UInt32((0.05 + 0.7 * left * random.uniform()) * (undisturbed / .microseconds(1))))
      run.signal(SIGKILL)
      if run.wait().code == 128 + SIGKILL { interrupted += 1 }
      for (name, content) in try fixture.tree() where !name.contains(".acuity-") {
        #expect(expected[name] == content, "\(name) is not whole")
      }
    }
    #expect(interrupted > kills / 2, "most runs were killed at work")
    let last = try fixture.run(options)
    #expect(last.code == 0, "\(last.errors)")
    #expect(try fixture.tree() == expected, "the same bytes, and no temporaries")
    #expect(try fixture.tree(fixture.inputs) == inputs)
  }

  @Test("A second run with the same ledger at the same time waits for another day")
  func lockedLedger() throws {
    for index in 0..<20 {
      try fixture.put(
        try UpscaleFixture.picture(width: 200, height: 200, seed: UInt64(index)), "\(index).png")
    }
    let options = ["--scale", "4", "--ledger", fixture.folder("ledger")]
    let first = try Acuity.start(fixture.arguments(options).map { Array($0.utf8) })
    #expect(try first.waits { try !fixture.tree().isEmpty })
    let second = try fixture.run(options)
    #expect(second.code == 75, "\(second.errors)")
    #expect(second.errors.contains("in use"))
    #expect(first.wait().code == 0)
  }
}
