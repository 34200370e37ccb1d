import Acuity
import Batch
import Foundation
import Ledger
import TestSupport
import Testing

/// A ledger's word as the user has it.
@Suite("acuity upscale with a ledger, after changes")
struct UpscaleStaleTests {
  let fixture: UpscaleFixture

  init() throws {
    fixture = try UpscaleFixture()
  }

  private var ledger: [String] { ["--ledger", fixture.folder("ledger")] }

  @Test("An input that was replaced by a damaged one fails in every run")
  func damagedReplacement() throws {
    try fixture.put(try UpscaleFixture.picture(width: 60, height: 60), "a.png")
    #expect(try fixture.run(ledger).code == 0)
    let before = try fixture.tree()
    var damaged = try UpscaleFixture.picture(width: 60, height: 60, seed: 2)
    damaged[damaged.count / 2] ^= 0xff
    try fixture.put(damaged, "a.png")
    for _ in 0..<3 {
      let run = try fixture.run(ledger)
      #expect(run.code == 1 && !run.errors.contains("up to date"), "\(run.errors)")
    }
    #expect(try fixture.tree() == before)
    #expect(try fixture.run(ledger + ["--dry-run"]).text.hasPrefix("overwrite"))
  }

  @Test("An output that is no longer what was made is a warning, and other kept ones are none")
  func edited() throws {
    for (seed, name) in ["a.png", "b.png"].enumerated() {
      try fixture.put(try UpscaleFixture.picture(seed: UInt64(seed)), name)
    }
    #expect(try fixture.run(ledger).code == 0)
    #expect(try fixture.run(ledger + ["--quiet"]).errors.isEmpty)
    let edited = try UpscaleFixture.picture(width: 48, height: 32, seed: 9)
    try fixture.put(edited, Array("a.png".utf8), in: fixture.outputs)
    let run = try fixture.run(ledger + ["--quiet"])
    let lines = run.errors.split(separator: "\n")
    #expect(run.code == 0 && lines.count == 1, "\(run.errors)")
    #expect(lines.first?.hasPrefix("acuity: warning: \(fixture.inputs)/a.png: skipped: ") == true)
    #expect(run.errors.contains("out/a.png is no longer the file that was made"), "\(run.errors)")
    // Also where another output of the input is made.
    let job = """
      inputs: [in/b.png]
      outputs: [{folder: one, stages: grayscale}, {folder: two, stages: grayscale}]
      """
    try fixture.folder.write(Array(job.utf8), to: "job.yaml")
    let arguments = ["run", fixture.folder("job.yaml"), "--quiet", "--ledger", fixture.folder("job.ledger")]
    #expect(try Acuity.run(arguments).code == 0)
    try fixture.put(try UpscaleFixture.picture(seed: 9), Array("b.png".utf8), in: fixture.folder("one"))
    try FileManager.default.removeItem(atPath: fixture.folder("two/b.png"))
    let (log, report) = (fixture.folder("events"), fixture.folder("report"))
    let command = ([Acuity.path] + arguments + ["--events-fd", "9", "--report", report]).map { "'\($0)'" }
    let other = try Run.shell("\(command.joined(separator: " ")) 9>'\(log)'", in: "/").errors
    #expect(other.contains("warning: ") && other.contains("one/b.png is no longer the file"), "\(other)")
    for file in [log, report + "/report.json", report + "/report.csv", report + "/report.html"] {
      let text = try String(contentsOfFile: file, encoding: .utf8)
      #expect(text.contains("one/b.png is no longer the file that was made"), "\(file): \(text)")
    }
    #expect(try fixture.tree(fixture.folder("two")).keys.sorted() == ["b.png"])
  }

  @Test("All of the ledger is in its one file after a run, by whatever name")
  func oneFile() throws {
    try fixture.putPictures(4)
    #expect(try fixture.run(ledger).code == 0)
    #expect(!FileManager.default.fileExists(atPath: fixture.folder("ledger-wal")))
    try FileManager.default.moveItem(atPath: fixture.folder("ledger"), toPath: fixture.folder("moved"))
    #expect(try Ledger(reading: fixture.folder("moved")).counts() == [.done: 4])
  }

  @Test(
    "What is no ledger is refused by a word of its own, and nothing is put beside it",
    arguments: [[], ["-n"]])
  func noLedger(_ more: [String]) throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    let before = try fixture.tree(fixture.folder.path)
    #expect(symlink("/dev/null", fixture.folder("device")) == 0)
    defer { unlink(fixture.folder("device")) }
    for (place, reason) in [
      (fixture.inputs + "/a.png", "a.png is no ledger"), (fixture.inputs, "is a folder, no ledger"),
      (fixture.folder("device"), "device is a device, no ledger"),
    ] {
      let run = try fixture.run(["--ledger", place] + more)
      #expect(run.code == 64 && run.errors.contains(reason), "\(run.errors)")
    }
    unlink(fixture.folder("device"))
    #expect(try fixture.tree(fixture.folder.path) == before)
  }

  @Test("A batch that is refused makes neither folders nor a ledger")
  func refused() throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    try fixture.put(try UpscaleFixture.picture(), "sub/a.png")
    let run = try Acuity.run(
      [
        "upscale", fixture.inputs + "/a.png", fixture.inputs + "/sub/a.png", "-o",
        fixture.folder("new/deep/"),
      ]
        + ["--model", fixture.model] + ledger)
    #expect(run.code == 64 && run.errors.contains("would be the same file"), "\(run.errors)")
    #expect(try fixture.folder.entries == ["in", "tiny.safetensors"])
  }

  @Test("A link to a ledger is that ledger, which one run at a time works with")
  func link() throws {
    let file = try LedgerFile(Array(fixture.folder("ledger").utf8))
    try FileManager.default.createDirectory(
      atPath: fixture.folder("elsewhere"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: fixture.folder("elsewhere/link"), withDestinationPath: "../ledger")
    try fixture.putPictures(1)
    #expect(try fixture.run(["--ledger", fixture.folder("elsewhere/link")]).code == 75)
    withExtendedLifetime(file) {}
  }

  @Test("A change whose work was killed is made by the next run", arguments: ["content", "scale"])
  func killed(change: String) throws {
    try fixture.put(try UpscaleFixture.faulty("hang"), "a.jpg")
    #expect(try fixture.run(ledger).code == 0)
    let before = try fixture.tree()
    var options = ledger
    if change == "scale" {
      options += ["--scale", "4"]
    } else {
      try fixture.put(try UpscaleFixture.faulty("hang", seed: 2), "a.jpg")
    }
    // It dies in the middle of the work, to whose end the worker does not let it come.
    let run = try Acuity.start(
      fixture.arguments(options).map { Array($0.utf8) }, environment: WorkerFault.variables)
    let path = fixture.folder("ledger")
    #expect(run.waits { (try? Ledger(reading: path).entries(in: .running).isEmpty) == false })
    run.signal(SIGKILL)
    #expect(run.wait().code == 128 + SIGKILL)
    let last = try fixture.run(options)
    #expect(last.code == 0, "\(last.errors)")
    let after = try fixture.tree()
    fixture.clearOutputs()
    #expect(try fixture.run(change == "scale" ? ["--scale", "4"] : []).code == 0)
    #expect(try fixture.tree() == after && after != before)
  }

  @Test("A process that may open next to no files says so", arguments: [6, 9, 12, 20])
  func fewDescriptors(count: Int) throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    let line = "ulimit -n \(count); exec \"$0\" \"$@\""
    let run = try Run(path: "/bin/sh", ["-c", line, Acuity.path] + fixture.arguments([])).wait()
    #expect(run.code == 75, "\(run.errors)")
    #expect(run.errors.contains("raise the limit (ulimit -n"), "\(run.errors)")
    #expect(try fixture.tree().isEmpty)
  }
}
