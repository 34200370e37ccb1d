import Acuity
import ArgumentParser
import Batch
import Foundation
import TestSupport
import Testing

@testable import AcuityCommand

/// Options whose parts are tested elsewhere reach those parts.
@Suite("The options of acuity upscale")
struct UpscaleOptionTests {
  @Test("The help says that parts of a batch do not share a ledger", arguments: ["upscale", "run"])
  func ledgerOfAPart(_ command: String) throws {
    let help = try Acuity.run(["help", command]).text.split { $0.isWhitespace }.joined(separator: " ")
    #expect(help.contains("parts of a batch (--shard) need one each"))
  }

  let fixture: UpscaleFixture

  init() throws {
    fixture = try UpscaleFixture()
  }

  /// Eight pixels a side in print colours, and an animation of two frames.
  static let printed =
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
    + "CAgICAgICAgICAgICAgI/8AAFAgACAAIBAERAAIRAAMRAAQRAP/EAB8AAAAADAAAAAAAAAAAAAAAAAABAgMEBQYHCAkKC//E"
    + "ABsQAQAABwAAAAAAAAAAAAAAAACAkKCwwNDg/9oADgQBAAIAAwAEAAA/AHkFGdiB/9k="
  private static let animated =
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAACGFjVEwAAAACAAAAAPONk3AAAAAaZmNUTAAAAAAAAAAIAAAA"
    + "CAAAAAAAAAAAAAEACgAA8k66YgAAABRJREFUeNpjYBDRsAlIqehhoIwBAFwmEYGPnHUfAAAAGmZjVEwAAAABAAAACAAAAAgA"
    + "AAAAAAAAAAABAAoAAGk9ULYAAAAYZmRBVAAAAAJ42mNgENGwCUip6GGgjAEAXCYRgVImhQkAAAAASUVORK5CYII="

  @Test(
    "What is refused unless it is asked for",
    arguments: [
      (printed, "a.jpg", ["--cmyk", "convert"]), (animated, "a.png", ["--animation", "first-frame"]),
    ])
  func reading(_ base64: String, _ name: String, _ options: [String]) throws {
    try fixture.put(Array(try #require(Data(base64Encoded: base64))), name)
    let refused = try fixture.run()
    #expect(refused.code == 1 && refused.errors.contains(options.joined(separator: " ")), "\(refused.errors)")
    #expect(try fixture.tree().isEmpty)
    let run = try fixture.run(options)
    #expect(run.code == 0, "\(run.errors)")
    #expect(try ImageFile.read(fixture.outputs + "/" + name).size == Size(width: 16, height: 16))
  }

  @Test(
    "What a mark cannot be is said without the options for inputs",
    arguments: [(printed, "mark.jpg", "save it as RGB"), (animated, "mark.png", "save one of its frames")])
  func mark(_ base64: String, _ name: String, _ advice: String) throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    let mark = try fixture.folder.write(try #require(Data(base64Encoded: base64)), to: name)
    let run = try fixture.run([
      "--cmyk", "convert", "--animation", "first-frame", "--stages", "watermark:file=\(mark)",
    ])
    #expect(run.code == 64 && run.errors.contains(advice), "\(run.code) \(run.errors)")
  }

  @Test(
    "Metadata is kept or not",
    arguments: [([], 300), (["--metadata", "keep"], 300), (["--metadata", "strip"], nil)])
  func metadata(_ options: [String], _ resolution: Int?) throws {
    var image = Pictures.noise(width: 9, height: 7, layout: .rgb, seed: 1)
    image.metadata.resolution = Metadata.Resolution(x: 300, y: 300, unit: .inch)
    try fixture.put(try ImageFile.encode(image, as: .jpeg), "a.jpg")
    #expect(try fixture.run(options).code == 0)
    let found = try ImageFile.read(fixture.outputs + "/a.jpg").metadata.resolution
    #expect(found.map { Int($0.x) } == resolution)
  }

  @Test("What has made an output is said in it, and said once when that is enlarged again")
  func provenance() throws {
    try fixture.put(
      try ImageFile.encode(Pictures.noise(width: 9, height: 7, layout: .rgb, seed: 1), as: .webp), "a.webp")
    let refused = try fixture.run(["--provenance", "--metadata", "strip"])
    #expect(refused.code == 64 && refused.errors.contains("leaves out what --provenance writes"))
    var packet = ""
    for scale in ["2", "3"] {
      #expect(try fixture.run(["--provenance", "--scale", scale, "--if-exists", "overwrite"]).code == 0)
      let made = try ImageFile.read(fixture.outputs + "/a.webp")
      packet = String(decoding: try #require(made.metadata.xmp), as: UTF8.self)
      #expect(packet.components(separatedBy: "acuity:Scale=").count == 2)
      #expect(packet.contains("acuity:Scale=\"\(scale)\"") && packet.contains("acuity:Model=\"sha256:"))
      try fixture.put(try ImageFile.encode(made, as: .webp), "a.webp")
    }
    #expect(try fixture.run(["--if-exists", "overwrite"]).code == 0)
    let kept = try ImageFile.read(fixture.outputs + "/a.webp").metadata.xmp
    #expect(
      kept.map { String(decoding: $0, as: UTF8.self) } == packet.replacing(" acuity:Scale=\"3\"", with: ""))
  }

  @Test("Only what matches is taken")
  func globs() throws {
    for path in ["a.png", "b.png", "keep/c.png", "drop/d.png"] {
      try fixture.put(try UpscaleFixture.picture(), path)
    }
    #expect(try fixture.run(["--include", "[a-c].png", "--exclude", "b.*", "--exclude", "drop"]).code == 0)
    #expect(try fixture.tree().keys.sorted() == ["a.png", "keep/c.png"])
  }

  @Test("Hidden folders and files are taken, and left out by one pattern")
  func hidden() throws {
    for path in ["a.png", ".b.png", ".hidden/c.png"] {
      try fixture.put(try UpscaleFixture.picture(), path)
    }
    #expect(try fixture.run(["--recursive"]).code == 0)
    #expect(try fixture.tree().keys.sorted() == [".b.png", ".hidden/c.png", "a.png"])
    fixture.clearOutputs()
    #expect(try fixture.run(["--recursive", "--exclude", ".*"]).code == 0)
    #expect(try fixture.tree().keys.sorted() == ["a.png"])
  }

  @Test("Patterns that leave nothing are told, with what may be wrong with them")
  func globsOfNothing() throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    for options in [["--include", "*.PNG"], ["--exclude", "*"], ["--include", "*.PNG", "--dry-run"]] {
      let run = try fixture.run(options)
      #expect(run.code == 66 && run.errors.contains("no pictures to work on"), "\(run.errors)")
      #expect(
        run.errors.contains("1 file is left out by patterns (--include, --exclude)"), "\(run.errors)")
    }
    #expect(try !fixture.run(["--include", "a*", "--exclude", "*.txt"]).errors.contains("left out"))
  }

  @Test(
    "Outputs get the time and the permissions of their inputs, each when asked for",
    arguments: [false, true], [false, true])
  func attributes(_ keepsTime: Bool, _ keepsPermissions: Bool) throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    let manager = FileManager.default
    let time = Date(timeIntervalSince1970: 1_000_000_000)
    try manager.setAttributes(
      [.posixPermissions: 0o604, .modificationDate: time], ofItemAtPath: fixture.inputs + "/a.png")
    let options = (keepsTime ? ["--keep-mtime"] : []) + (keepsPermissions ? ["--keep-permissions"] : [])
    #expect(try fixture.run(options).code == 0)
    let attributes = try manager.attributesOfItem(atPath: fixture.outputs + "/a.png")
    #expect((attributes[.modificationDate] as? Date == time) == keepsTime)
    #expect((attributes[.posixPermissions] as? Int == 0o604) == keepsPermissions)
  }

  @Test("The first failure ends the run on request")
  func failFast() throws {
    try fixture.put(Array("no picture".utf8), "a.png")
    for index in 0..<8 { try fixture.put(try UpscaleFixture.picture(), "b\(index).png") }
    let hasty = try fixture.run(["--fail-fast", "--threads", "1", "--log-format", "json"])
    #expect(hasty.code == 1, "\(hasty.errors)")
    let made = try fixture.tree().count
    #expect(made < 8)
    let lines = try hasty.errors.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let summary = try #require(lines.first { $0["event"] as? String == "summary" })
    #expect(summary["done"] as? Int == made && summary["failed"] as? Int == 1)
    #expect(summary["released"] as? Int == 8 - made)
    let failure = try #require(lines.first { $0["event"] as? String == "failure" })
    #expect(failure["culprit"] as? String == "input")
    #expect(try fixture.run().code == 1)
    #expect(try fixture.tree().count == 8)
  }

  @Test(
    "The way of computing does not show in the output",
    arguments: [["--tile", "7"], ["--verify", "decode"]])
  func sameOutput(_ options: [String]) throws {
    try fixture.put(try UpscaleFixture.picture(width: 50, height: 30), "a.png")
    #expect(try fixture.run().code == 0)
    let expected = try fixture.tree()
    fixture.clearOutputs()
    #expect(try fixture.run(options).code == 0)
    #expect(try fixture.tree() == expected)
    #expect(try fixture.run([options[0], "none"]).code == 64)
  }

  @Test("What does not show in an output arrives all the same")
  func invisible() throws {
    let command = try UpscaleCommand.parse([
      "in", "-o", "out", "--model", "bicubic", "--verify", "decode", "--threads", "3", "--tile", "48",
      "--max-memory", "1G",
    ])
    let job = try command.job(root: bytes("out"), name: .same, format: nil)
    #expect(job.verification == .decode && job.threads == 3 && job.tile == 48 && job.maxMemory == 1 << 30)
  }

  @Test("A report that goes to a place among the inputs is none of them")
  func reportAmongInputs() throws {
    try fixture.put(try UpscaleFixture.picture(), "a.png")
    for summary in ["1 done;", "0 done, 1 skipped\n"] {
      let run = try fixture.run(["--report", fixture.inputs + "/report"])
      #expect(run.code == 0 && run.errors.contains(summary), "\(run.errors)")
    }
  }
}
