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
    try fixture.putPictures(count - 10)
    // Some whose outputs take their time to be written.
    for index in 0..<10 {
      try fixture.put(
        try UpscaleFixture.picture(width: 200, height: 150, seed: UInt64(index)),
        "\(index % 4)/large\(index).png")
    }
    // The last one, and with it a batch that is to be killed, comes to no end: every kill meets it at work.
    try fixture.put(try UpscaleFixture.faulty("hang"), "z.jpg")
    let inputs = try fixture.tree(fixture.inputs)
    #expect(try fixture.run().code == 0)
    let expected = try fixture.tree()
    #expect(expected.count == count + 1)

    let options = withLedger ? ["--ledger", fixture.folder("ledger")] : []
    var random = RandomSource(seed: withLedger ? 7 : 8)
    fixture.clearOutputs()
    var seen: Set<String> = []
    // Whatever has its name is whole, from the first moment on.
    func look(atAll: Bool = false) {
      for (name, content) in outputs(but: atAll ? [] : seen) {
        seen.insert(name)
        #expect(expected[name] == content, "\(name) is not whole")
      }
    }
    for _ in 0..<starts(100) {
      if seen.count == count {
        look(atAll: true)
        fixture.clearOutputs()
        try? FileManager.default.removeItem(atPath: fixture.folder("ledger"))
        seen = []
      }
      // When there are some more of those that are left, or before there are: however fast the machine is.
      let enough = seen.count + Int(Double(count - seen.count) * random.uniform())
      let run = try Acuity.start(
        fixture.arguments(options).map { Array($0.utf8) }, environment: WorkerFault.variables)
      #expect(
        run.waits {
          look()
          return seen.count >= enough
        })
      usleep(UInt32.random(in: 0..<10_000, using: &random))
      run.signal(SIGKILL)
      #expect(run.wait().code == 128 + SIGKILL)
      look()
    }
    look(atAll: true)
    let last = try fixture.run(options)
    #expect(last.code == 0, "\(last.errors)")
    #expect(try fixture.tree() == expected, "the same bytes, and no temporaries")
    #expect(try fixture.tree(fixture.inputs) == inputs)
  }

  /// The outputs that have their names, but those of `seen`, as they are at this moment.
  private func outputs(but seen: Set<String>) -> [String: [UInt8]] {
    // While the batch makes folders there, a listing may fail.
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: fixture.outputs)) ?? []
    let paths = folders.flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: fixture.outputs + "/" + folder)) ?? [])
        .map { "\(folder)/\($0)" }
    }
    return Dictionary(
      uniqueKeysWithValues: paths.filter { !$0.contains(".acuity-") && !seen.contains($0) }.compactMap {
        path in
        FileManager.default.contents(atPath: fixture.outputs + "/" + path).map { (path, Array($0)) }
      })
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
