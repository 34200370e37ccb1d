import Acuity
import Foundation
import TestSupport
import Testing

@Suite("acuity upscale --dry-run")
struct UpscaleDryRunTests {
  let fixture: UpscaleFixture

  init() throws {
    fixture = try UpscaleFixture()
  }

  @Test("A dry run lists sizes and a time, and writes nothing")
  func dryRun() throws {
    try fixture.putPictures(3)
    try fixture.put(Array("no picture".utf8), "bad.png")
    let run = try fixture.run(["--dry-run", "--scale", "2"])
    #expect(run.code == 1)
    #expect(run.text.contains("make \(fixture.inputs)/0/0.png 16x12 -> \(fixture.outputs)/0/0.png 32x24 png"))
    #expect(run.text.contains("fail ") && run.text.contains("3 files, ") && run.text.contains("about "))
    #expect(!FileManager.default.fileExists(atPath: fixture.outputs))
    let json = try fixture.run(["--dry-run", "--log-format", "json"])
    let lines = json.text.split(separator: "\n")
    #expect(lines.count > 3)
    for line in lines {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }
  }

  @Test("A dry run ends with the first failure where the run would")
  func dryFailFast() throws {
    try fixture.put(Array("no picture".utf8), "a.png")
    try fixture.put(try UpscaleFixture.picture(), "b.png")
    for (options, word) in [([], "make"), (["--fail-fast"], "leave")] {
      let run = try fixture.run(["--dry-run"] + options)
      #expect(run.code == 1 && run.text.contains("\(word) \(fixture.inputs)/b.png"), "\(run.text)")
    }
  }

  @Test("A dry run says where transparency, which no header tells of, would stop an output")
  func dryTransparency() throws {
    let noise = Pictures.noise(width: 6, height: 4, layout: .rgba, seed: 1)
    try fixture.put(try ImageFile.encode(noise, as: .png), "clear.png")
    let jpeg = ["--format", "jpeg"]
    #expect(
      try fixture.run(jpeg + ["--dry-run"]).text.contains("clear.jpg 12x8 jpeg if no pixel is transparent"))
    let json = try fixture.run(jpeg + ["--dry-run", "--log-format", "json"])
    #expect(json.code == 0 && json.text.contains("\"only_if_opaque\":true"))
    let run = try fixture.run(jpeg)
    #expect(run.code == 1 && run.errors.contains("JPEG cannot hold the picture: it has no alpha channel"))
    #expect(run.errors.contains("or lay the picture on a colour by the stage flatten"))
    #expect(try !fixture.run(["--dry-run", "--log-format", "json"]).text.contains("only_if_opaque"))
  }

  @Test(
    "A dry run uses the words and the exit code of the run",
    arguments: ["skip", "verify", "overwrite", "rename", "fail"])
  func dryWords(policy: String) throws {
    try fixture.putPictures(3)
    let ledger = ["--ledger", fixture.folder("ledger")]
    #expect(try fixture.run(ledger).code == 0)
    // One is current, one damaged, and one has a folder in its place.
    try fixture.put([0], Array("1/1.jpg".utf8), in: fixture.outputs)
    try FileManager.default.removeItem(atPath: fixture.outputs + "/2/2.webp")
    try FileManager.default.createDirectory(
      atPath: fixture.outputs + "/2/2.webp", withIntermediateDirectories: true)
    let everything = try fixture.tree(fixture.folder.path)
    let dry = try fixture.run(ledger + ["--if-exists", policy, "--dry-run", "--log-format", "json"])
    #expect(try fixture.tree(fixture.folder.path) == everything)
    let real = try fixture.run(ledger + ["--if-exists", policy, "--log-format", "json"])
    #expect(dry.code == real.code && (dry.code == 0) == (policy == "rename"))
    struct Line: Decodable {
      var file: String?
      var reason: String?
      var event: String?
    }
    func reasons(_ text: String) throws -> [String: String] {
      let lines = try text.split(separator: "\n").map {
        try JSONDecoder().decode(Line.self, from: Data($0.utf8))
      }
      return lines.reduce(into: [:]) { reasons, line in
        if let file = line.file, let reason = line.reason { reasons[file] = reason }
      }
    }
    #expect(try reasons(dry.text) == reasons(real.errors))
    #expect(try reasons(dry.text).count == ["overwrite": 1, "rename": 1, "fail": 3][policy, default: 2])
  }

  @Test("A dry run fails where the run would")
  func dryFailure() throws {
    try fixture.putPictures(2)
    #expect(try fixture.run().code == 0)
    let dry = try fixture.run(["--if-exists", "fail", "--dry-run"])
    let real = try fixture.run(["--if-exists", "fail"])
    #expect(dry.code == real.code && dry.code != 0)
    #expect(dry.errors.contains("already there") && dry.text.contains("0 files, "))
    // What is there is not what would be made.
    #expect(try fixture.run(["--dry-run"]).code == 0)
    let other = ["--scale", "3"]
    #expect(try fixture.run(other + ["--dry-run"]).code == fixture.run(other).code)
    #expect(try fixture.run(other + ["--dry-run"]).errors.contains("already there"))
  }

  @Test("A dry run knows the ledger, leaves it alone, and fails where the run would not begin")
  func dryLedger() throws {
    try fixture.putPictures(2)
    let ledger = ["--ledger", fixture.folder("ledger")]
    #expect(try fixture.run(ledger + ["--dry-run"]).text.contains("2 files, "))
    #expect(!FileManager.default.fileExists(atPath: fixture.folder("ledger")))
    #expect(try fixture.run(ledger).code == 0)
    #expect(try fixture.run(ledger + ["--dry-run"]).text.contains("0 files, "))
    let output = try #require(fixture.tree().keys.sorted().first)
    try fixture.put([0], Array(output.utf8), in: fixture.outputs)
    #expect(try fixture.run(ledger + ["--dry-run"]).text.contains("1 file, "), "one is not as it was left")
    #expect(try fixture.run(ledger + ["--if-exists", "overwrite"]).code == 0)
    let other = try fixture.run(ledger + ["--scale", "3", "--dry-run"])
    #expect(other.code == 0 && other.text.contains("2 files, "), "ours, and out of date")
    #expect(try fixture.run(ledger + ["--scale", "3"]).errors.contains("2 done"))

    try fixture.folder.write([], to: "blocked")
    let path = fixture.folder("blocked") + "/out/"
    for dry in [[], ["--dry-run"]] {
      let run = try Acuity.run(["upscale", fixture.inputs, "-o", path, "--model", fixture.model] + dry)
      #expect(run.code == 73, "\(run.errors)")
    }
    for useless in [["--report", fixture.folder("report")], ["--events-fd", "1"]] {
      #expect(try fixture.run(["--dry-run"] + useless).code == 64)
    }
  }
}
