import Acuity
import Foundation
import TestSupport
import Testing

@Suite("acuity upscale, from and to pipes")
struct UpscalePipeTests {
  let fixture: UpscaleFixture

  init() throws {
    fixture = try UpscaleFixture()
    try fixture.put(try UpscaleFixture.picture(depth: 16), "a.png")
  }

  /// Runs `acuity upscale` in a shell, with its temporary files in a folder of its own.
  private func shell(_ arguments: String, _ streams: String) throws -> Acuity.Result {
    let place = fixture.folder("temporary")
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let command = "'\(Acuity.path)' upscale \(arguments) --model '\(fixture.model)' \(streams)"
    let run = try Run(path: "/bin/sh", ["-c", command], environment: ["TMPDIR": place]).wait()
    #expect(try FileManager.default.contentsOfDirectory(atPath: place).isEmpty, "nothing is left behind")
    return run
  }

  @Test("A picture goes through a pipe as it does through files")
  func picture() throws {
    #expect(try fixture.run().code == 0)
    let expected = try #require(try fixture.tree()["a.png"])
    let input = "'\(fixture.inputs)/a.png'"
    for (arguments, streams) in [
      ("- -o -", "< \(input)"), ("\(input) -o -", ""), ("- -o -", "--isolation none < \(input)"),
    ] {
      let run = try shell(arguments, streams)
      #expect(run.code == 0, "\(run.errors)")
      #expect(run.output == expected)
      #expect(run.errors.contains("standard output 48x32"))
    }
    let run = try shell("- -o '\(fixture.folder("b.webp"))'", "< \(input)")
    #expect(run.code == 0 && run.errors.contains("standard input -> "), "\(run.errors)")
    #expect(try ImageFile.header(fixture.folder("b.webp")).size == Size(width: 48, height: 32))
  }

  @Test(
    "A folder for temporary files that is none is named, with what to do", arguments: ["nowhere", "model"])
  func noTemporaryFolder(name: String) throws {
    let place = name == "model" ? fixture.model : fixture.folder(name)
    for arguments in ["- -o -", "- -o '\(fixture.folder("b.png"))'"] {
      let command =
        "'\(Acuity.path)' upscale \(arguments) --model '\(fixture.model)' < '\(fixture.inputs)/a.png'"
      let run = try Run(path: "/bin/sh", ["-c", command], environment: ["TMPDIR": place]).wait()
      #expect(run.code == 73 && run.output.isEmpty)
      #expect(run.errors.contains("cannot create the folder \(place)/acuity-"), "\(run.errors)")
      #expect(run.errors.contains("set TMPDIR"), "\(run.errors)")
    }
  }

  @Test("A ledger knows the output of standard input again, whatever came through it")
  func ledger() throws {
    try fixture.put(try UpscaleFixture.picture(seed: 2), "b.png")
    let (output, ledger) = (fixture.folder("out.png"), fixture.folder("ledger"))
    var made: Set<Data> = []
    for name in ["a", "b"] {
      let run = try shell("- -o '\(output)' --ledger '\(ledger)'", "< '\(fixture.inputs)/\(name).png'")
      #expect(run.code == 0, "\(run.errors)")
      made.insert(try Data(contentsOf: URL(filePath: output)))
    }
    #expect(made.count == 2)
  }

  private static let hasFullDevice = FileManager.default.fileExists(atPath: "/dev/full")

  @Test("What fails sends nothing")
  func failures() throws {
    let input = "'\(fixture.inputs)/a.png'"
    for (arguments, streams, code, words) in [
      ("- -o -", "< '\(fixture.model)'", Int32(1), "standard input: is no picture"),
      ("- -o -", "< /dev/null", 1, "standard input: is empty"),
      ("- -o -", "<&-", 66, "cannot read standard input: Bad file descriptor"),
      ("- -o -", "< .", 66, "cannot read standard input: Is a directory"),
      ("--files-from . -o x/", "", 66, ".: Is a directory"),
      ("- -o - --scale 9", "< \(input)", 64, "1 to 8"),
      ("- - -o x/", "< \(input)", 64, "one picture or one list"),
      ("- --files-from - -o x/", "< \(input)", 64, "one picture or one list"),
      ("\(input) \(input) -o -", "", 64, "takes one picture"),
      ("'\(fixture.inputs)' -o -", "", 64, "takes one picture"),
      ("\(input) -o - --events-fd 1", "", 64, "another descriptor"),
      ("- -o - --shard 2/2", "< \(input)", 64, "leave --shard out"),
      ("\(input) -o - --shard 1/1", "", 64, "leave --shard out"),
      ("- \(input) -o x/ --shard 1/2", "< \(input)", 64, "leave --shard out"),
    ] + (Self.hasFullDevice ? [("\(input) -o -", "> /dev/full", 74, "standard output: No space left")] : []) {
      let run = try shell(arguments, streams)
      #expect(run.code == code, "\(arguments) \(streams): \(run.errors)")
      #expect(run.errors.contains(words), "\(arguments) \(streams): \(run.errors)")
      #expect(run.output.isEmpty)
    }
  }

  /// Whoever follows by events or reads the report must not take for done what did not arrive.
  @Test("Events and reports tell of what arrived", arguments: hasFullDevice ? [false, true] : [true])
  func accounts(arrives: Bool) throws {
    let (events, report) = (fixture.folder("events"), fixture.folder("report"))
    let run = try shell(
      "'\(fixture.inputs)/a.png' -o - --events-fd 9 --report '\(report)'",
      "9> '\(events)' > '\(arrives ? fixture.folder("b.png") : "/dev/full")'")
    #expect(run.code == (arrives ? 0 : 74), "\(run.errors)")
    let lines = try String(contentsOfFile: events, encoding: .utf8).split(separator: "\n")
    let end = try #require(lines.last)
    let code = arrives ? #""code":0,"# : #""code":74,"#
    #expect(end.contains(#""event":"end""#) && end.contains(code), "\(end)")
    let csv = try #require(
      try FileManager.default.contentsOfDirectory(atPath: report).first { $0.hasSuffix(".csv") })
    let table = try String(contentsOfFile: report + "/" + csv, encoding: .utf8)
    #expect(table.contains(arrives ? "done" : "failed") && table.contains("standard output"), "\(table)")
    #expect(!table.contains("stdout") && !lines.contains { $0.contains("stdout") })
  }

  @Test("A pipe by name is called one")
  func namedPipe() throws {
    let command =
      "cat '\(fixture.inputs)/a.png' | '\(Acuity.path)' upscale /dev/stdin -o '\(fixture.folder("x.png"))'"
    let run = try Run(path: "/bin/sh", ["-c", command]).wait()
    #expect(
      run.code == 66 && run.errors.contains("is a pipe: give its content by standard input"), "\(run.errors)")
  }

  @Test("Several pictures do not go into a folder that is named like one")
  func namedLikeAPicture() throws {
    for (name, code) in [("all.jpg", Int32(64)), ("all.tiff", 64), ("all.jpg/", 0), ("all", 0)] {
      let output = fixture.folder(name)
      let run = try Acuity.run(["upscale", fixture.inputs, "-o", output, "--model", fixture.model])
      #expect(run.code == code, "\(name): \(run.errors)")
      #expect(FileManager.default.fileExists(atPath: output) == (code == 0))
      try? FileManager.default.removeItem(atPath: output)
    }
  }
}
