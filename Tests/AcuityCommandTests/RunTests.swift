import Acuity
import Foundation
import TestSupport
import Testing

@Suite("acuity run")
struct RunTests {
  let fixture: UpscaleFixture

  init() throws {
    fixture = try UpscaleFixture()
    try fixture.put(try UpscaleFixture.picture(seed: 1), "a.png")
    try fixture.put(try UpscaleFixture.picture(layout: .rgba, seed: 2), "sub/b.png")
  }

  private func run(_ job: String, _ more: [String] = []) throws -> Acuity.Result {
    try fixture.folder.write(Array(job.utf8), to: "job.yaml")
    return try Acuity.run(["run", fixture.folder("job.yaml")] + more)
  }

  private static let job = """
    inputs: [in]
    recursive: true
    outputs:
      - folder: out/two
        name: "{stem}_{scale}x.{ext}"
        stages: upscale:scale=2,model=tiny.safetensors
        format: png
      - folder: out/four
        stages:
          - upscale: {scale: 4, model: tiny.safetensors}
          - grayscale
        format: webp
        lossless: true
    """

  @Test("Several outputs come of one decode, each by its own stages")
  func outputs() throws {
    let run = try run(Self.job)
    #expect(run.code == 0, "\(run.errors)")
    let files = try fixture.tree()
    #expect(
      files.keys.sorted() == ["four/a.webp", "four/sub/b.webp", "two/a_2x.png", "two/sub/b_2x.png"])
    let two = try ImageFile.read(bytes: try #require(files["two/sub/b_2x.png"]))
    #expect(two.size == Size(width: 48, height: 32) && two.layout == .rgba)
    let four = try ImageFile.read(bytes: try #require(files["four/a.webp"]))
    #expect(four.size == Size(width: 96, height: 64))
    let samples = four.samples.values
    #expect(stride(from: 0, to: samples.count, by: 3).allSatisfy { samples[$0] == samples[$0 + 1] })
    // The same by the other command.
    fixture.clearOutputs()
    #expect(try fixture.run(["--scale", "2", "--format", "png"]).code == 0)
    #expect(try fixture.tree()["a.png"] == files["two/a_2x.png"])
  }

  @Test("No output is called as if it were of another format")
  func misleadingNames() throws {
    let run = try run(
      """
      inputs: [in/a.png]
      outputs:
        - {folder: out, name: "{name}", format: webp, stages: grayscale}
      """)
    #expect(run.code == 73 && run.errors.contains("let the name end in .{ext}"), "\(run.errors)")
    #expect(try fixture.tree().isEmpty)
  }

  @Test(
    "A job's folder may have a name of any bytes, also for the files of stages",
    .enabled(if: TemporaryFolder.takesRawNames))
  func rawFolder() throws {
    let root = fixture.folder.path
    let job = """
      inputs: [\(fixture.inputs)]
      outputs:
        - folder: \(fixture.outputs)
          stages:
            - upscale: {scale: 2, model: tiny.safetensors}
            - watermark: {file: mark.png}
      """
    let model = try Data(contentsOf: URL(fileURLWithPath: fixture.model))
    for (name, content) in [
      ("job.yaml", Array(job.utf8)), ("tiny.safetensors", [UInt8](model)),
      ("mark.png", try UpscaleFixture.picture(width: 4, height: 4, seed: 9)),
    ] { try fixture.put(content, [0xff] + Array("/\(name)".utf8), in: root) }
    let file = Array("\(root)/".utf8) + [0xff] + Array("/job.yaml".utf8)
    let run = try Acuity.run(bytes: [Array("run".utf8), file])
    #expect(run.code == 0, "\(run.errors)")
    #expect(try fixture.tree().keys.contains("a.png"))
  }

  @Test("Names in a list start from the working directory, and the help says so")
  func listHelp() throws {
    try fixture.folder.write(Array("in/a.png\n".utf8), to: "in/list")
    try fixture.folder.write(
      Array("files-from: list\noutputs: {folder: ../out, stages: grayscale}".utf8), to: "in/job.yaml")
    let run = try Run.shell("'\(Acuity.path)' run in/job.yaml", in: fixture.folder.path)
    #expect(run.code == 0, "\(run.errors)")
    #expect(try fixture.tree().keys.sorted() == ["in/a.png"])
    let help = try Acuity.run(["help", "run"]).text.split { $0.isWhitespace }.joined(separator: " ")
    #expect(help.contains("but those within a list (files-from) from the working directory"))
  }

  @Test("A finished job has nothing to do, and a bad file costs itself alone")
  func again() throws {
    try fixture.put(Array("no picture".utf8), "bad.png")
    #expect(try run(Self.job).code == 1)
    let files = try fixture.tree()
    #expect(files.count == 4)
    let second = try run(Self.job)
    #expect(second.code == 1 && second.errors.contains("bad.png"))
    #expect(try fixture.tree() == files)
  }

  @Test("An output that was edited is told of, also beside one that is made")
  func edited() throws {
    let ledger = ["--ledger", fixture.folder("ledger")]
    #expect(try run(Self.job, ledger).code == 0)
    let edited = try UpscaleFixture.picture(width: 48, height: 32, seed: 9)
    try fixture.put(edited, bytes("two/a_2x.png"), in: fixture.outputs)
    try FileManager.default.removeItem(atPath: fixture.outputs + "/four/a.webp")
    let command = ([Acuity.path, "run", fixture.folder("job.yaml"), "--events-fd", "7"] + ledger)
      .map { "'\($0)'" }.joined(separator: " ")
    let log = fixture.folder("events")
    let again = try Run.shell("\(command) 7>'\(log)'", in: "/")
    let notice = "out/two/a_2x.png is no longer the file that was made"
    #expect(again.code == 0, "\(again.errors)")
    #expect(
      again.errors.split(separator: "\n").contains { $0.contains("warning: ") && $0.contains(notice) },
      "\(again.errors)")
    let events = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    #expect(events.contains { $0.contains(#""event":"done""#) && $0.contains(notice) }, "\(events)")
    #expect(try fixture.tree()["two/a_2x.png"] == edited && fixture.tree()["four/a.webp"] != nil)
  }

  @Test("What was made of a file of which another output failed is said too")
  func partial() throws {
    let run = try run(
      """
      inputs: [in/sub/b.png]
      outputs:
        - {folder: out/jpeg, format: jpeg, stages: grayscale}
        - {folder: out/png, stages: grayscale}
      """)
    #expect(run.code == 1 && run.errors.contains("JPEG cannot hold the picture"), "\(run.errors)")
    #expect(run.errors.contains("/b.png -> \(fixture.folder.path)/out/png/b.png 24x16"), "\(run.errors)")
    #expect(try fixture.tree().keys.sorted() == ["png/b.png"])
  }

  @Test("Errors name settings by the job file's keys")
  func keys() throws {
    try fixture.put(Array(try UpscaleFixture.picture(seed: 3).dropLast(99)), "cut.png")
    let job = """
      inputs: [in]
      recursive: true
      outputs:
        - folder: out
          stages: resize:scale=2
          format: jpeg
      if-exists: fail

      """
    let first = try run(job).errors
    let again = try run(job).errors
    let limited = try run(job + "max-pixels: 1000").errors
    #expect(first.contains("(tolerant: true in the job file)"), "\(first)")
    #expect(first.contains("(format: png or webp in the job file)"), "\(first)")
    #expect(again.contains("(if-exists: skip, verify, overwrite or rename in the job file)"), "\(again)")
    #expect(limited.contains("(max-pixels in the job file)"), "\(limited)")
    #expect(!(first + again + limited).contains("--"))
  }

  @Test("An address among the inputs is told as that")
  func addresses() throws {
    let job = try run("inputs: https://example.org/a.png\noutputs: {folder: out, stages: grayscale}")
    let command = try Acuity.run(["upscale", "file:///a.png", "-o", fixture.outputs])
    for run in [job, command] {
      #expect(run.code == 66 && run.errors.contains("is an address, no file: fetch"), "\(run.errors)")
    }
  }

  @Test("A pattern among the inputs is told how patterns are given, here and on the command line")
  func patterns() throws {
    let job = try run("inputs: [in/*.png]\noutputs: {folder: out, stages: grayscale}")
    #expect(
      job.code == 66 && job.errors.contains("/in/*.png: there is no file of this name"), "\(job.errors)")
    #expect(job.errors.contains("by patterns (include in the job file)"), "\(job.errors)")
    let command = try Acuity.run(["upscale", fixture.inputs + "/?.png", "-o", fixture.outputs])
    #expect(command.code == 66 && command.errors.contains("by patterns (--include)"), "\(command.errors)")
    // It may be the name of a file all the same.
    try fixture.put(try UpscaleFixture.picture(seed: 3), "*.png")
    let named = try run("inputs: [in/*.png]\noutputs: {folder: out, stages: grayscale}")
    #expect(named.code == 0, "\(named.errors)")
    #expect(try fixture.tree().keys.sorted() == ["*.png"])
  }

  @Test("The algorithm asked for reaches every stage, so that the ledger tells its results apart")
  func algorithm() throws {
    let ledger = ["--ledger", fixture.folder("ledger")]
    #expect(try run(Self.job, ledger).errors.contains("2 done"))
    #expect(try run(Self.job, ledger).errors.contains("2 skipped"))
    let direct = ledger + ["--algorithm", "direct"]
    #expect(try run(Self.job, direct).errors.contains("2 done"))
    #expect(try run(Self.job, direct + ["--isa", "baseline"]).errors.contains("2 done"))
  }

  @Test("Stages may come from plug-ins that the job names, and options given on the command line go first")
  func plugIns() throws {
    let library = BuiltProducts.library("ExampleSwift")
    let job = """
      inputs: in
      plug-ins: \(library)
      threads: 1
      max-memory: 1M
      outputs: {folder: out, stages: 'frame:border=3'}
      """
    #expect(try run(job).errors.contains("more than the 1 MiB allowed"))
    #expect(try run(job, ["--threads", "2", "--max-memory", "1G"]).code == 0)
    let image = try ImageFile.read(bytes: try #require(try fixture.tree()["a.png"]))
    #expect(image.size == Size(width: 30, height: 22))
  }

  @Test("The model of the command line serves stages that name none")
  func model() throws {
    let job = "inputs: in\noutputs: {folder: out, stages: 'upscale:scale=2'}"
    #expect(try run(job, ["--model", fixture.model]).code == 0)
    #expect(try fixture.tree().count == 1)
  }

  @Test("A model's name may have a dot in a job too")
  func dottedModel() throws {
    let models = fixture.folder("models")
    let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture.model)))
    try fixture.put(file, Array("net.v2.safetensors".utf8), in: models)
    try fixture.folder.write(
      Array("inputs: in\noutputs: {folder: out, stages: 'upscale:model=net.v2'}".utf8), to: "job.yaml")
    let run = try Acuity.run(["run", fixture.folder("job.yaml")], environment: ["ACUITY_MODELS": models])
    #expect(run.code == 0, "\(run.errors)")
    #expect(try fixture.tree().keys.sorted() == ["a.png"])
  }

  @Test("Mistakes are told with file and line, before anything is written")
  func mistakes() throws {
    let cases = [
      (Self.job.replacing("grayscale", with: "greyscale"), 64, "job.yaml:11:9: ", "'grayscale'"),
      (Self.job.replacing("scale: 4,", with: "scale: 40,"), 64, "job.yaml:10:9: ", "from 1 to 8"),
      (Self.job.replacing("lossless", with: "losless"), 64, "job.yaml:13:5: ", "'lossless'"),
      (Self.job.replacing("tiny.", with: "huge."), 78, "huge.safetensors", "cannot be read"),
      ("inputs: [", 64, "job.yaml:2:1", "expected"),
      (Self.output("format: png, quality: 50"), 64, "job.yaml:2:65", "quality does nothing for png"),
      (
        Self.output("name: '{stem}.webp', png-level: 9"), 64, "job.yaml:2:75",
        "png-level does nothing for webp"
      ),
      (Self.output("format: png, progressive: yes"), 64, "job.yaml:2:69", "progressive does nothing for png"),
      (Self.output("format: png, lossless: false"), 64, "job.yaml:2:66", "png is always lossless"),
      (Self.output("format: jpeg, lossless: true"), 64, "job.yaml:2:67", "jpeg is never lossless"),
      (Self.output("format: webp, lossless: true, quality: 9"), 64, "job.yaml:2:82", "for lossless webp"),
    ]
    for (job, code, place, hint) in cases {
      let run = try run(job)
      #expect(run.code == code && run.errors.contains(place) && run.errors.contains(hint), "\(run.errors)")
    }
    #expect(try Acuity.run(["run", fixture.folder("absent.yaml")]).code == 66)
    #expect(try fixture.tree().isEmpty)
  }

  /// A job of one output, with these keys too.
  private static func output(_ keys: String) -> String {
    "inputs: in\noutputs: {folder: out, stages: grayscale, \(keys)}"
  }

  @Test("Two outputs of a picture that are one file are refused, also by a dry run, before there are folders")
  func sameOutput() throws {
    let job = "inputs: in/a.png\noutputs: [{folder: out, stages: grayscale}, {folder: ./out/../out}]"
    for options in [["--dry-run"], []] {
      let run = try run(job, options)
      #expect(run.code == 64 && run.errors.contains("two outputs of"), "\(run.errors)")
      #expect(run.errors.contains("/out/a.png") && !run.errors.contains("inputs would"), "\(run.errors)")
    }
    #expect(try fixture.tree().isEmpty)
  }

  @Test(
    "An output without stages is no mistake, but that pictures keep their size is said",
    arguments: [[], ["-n"]])
  func noStages(_ more: [String]) throws {
    let run = try run("inputs: in\noutputs: [{folder: out}, {folder: gray, stages: grayscale}]", more)
    #expect(run.code == 0 && run.errors.contains("/out: no stages, so that"), "\(run.errors)")
    #expect(!run.errors.contains("/gray: no stages"))
  }

  @Test("A job comes from a regular file, and what to do about another is said")
  func noRegularFile() throws {
    try fixture.folder.write(Array(Self.job.utf8), to: "job.yaml")
    #expect(mkfifo(fixture.folder("fifo"), 0o600) == 0)
    for (place, code) in ["-": 64, "/dev/stdin": 66, "fifo": 66] as [String: Int32] {
      let run = try Run.shell("cat job.yaml | '\(Acuity.path)' run \(place)", in: fixture.folder.path)
      #expect(run.code == code && run.errors.contains("name its file by itself"), "\(run.errors)")
    }
  }

  @Test("A link to a job is followed to where it is, as in a folder of links that Kubernetes mounts")
  func link() throws {
    try FileManager.default.createDirectory(
      atPath: fixture.folder("..data"), withIntermediateDirectories: false)
    let job = "inputs: ../in/a.png\noutputs: {folder: ../out, stages: grayscale}"
    try fixture.folder.write(Array(job.utf8), to: "..data/job.yaml")
    #expect(symlink("..data/job.yaml", fixture.folder("job.yaml")) == 0)
    for job in ["job.yaml", "/dev/stdin < job.yaml"] {
      let run = try Run.shell("'\(Acuity.path)' run \(job)", in: fixture.folder.path)
      #expect(run.code == 0, "\(run.errors)")
    }
    #expect(try fixture.tree().keys.sorted() == ["a.png"])
  }

  @Test("A dry run says what would be done and does nothing")
  func dryRun() throws {
    let run = try run(Self.job, ["--dry-run"])
    #expect(run.code == 0 && run.text.contains("two/a_2x.png") && run.text.contains("96x64"))
    // Twice 48x32 and twice 96x64.
    #expect(run.text.contains("\n2 files, 4 outputs, 0.02 MP of output"), "\(run.text)")
    #expect(try fixture.tree().isEmpty)
    // Only what is missing counts.
    #expect(try self.run(Self.job).code == 0)
    let made = fixture.outputs + "/two/a_2x.png"
    try FileManager.default.removeItem(atPath: made)
    let rest = try self.run(Self.job, ["--dry-run", "--log-format", "json"])
    #expect(rest.text.contains(#""files":1,"outputs":1,"pixels":1536"#), "\(rest.text)")
    #expect(!FileManager.default.fileExists(atPath: made))
  }

  @Test("A list of inputs, read from beside the job")
  func list() throws {
    // Names in a list start from where the command runs, as for acuity upscale.
    let absolute = fixture.inputs + "/sub/b.png"
    try fixture.folder.write(Array((absolute + "\n").utf8), to: "list")
    let run = try run("files-from: list\noutputs: {folder: out, stages: grayscale}")
    #expect(run.code == 0, "\(run.errors)")
    #expect(try fixture.tree().keys.sorted() == ["b.png"])
  }

  @Test("A report of the run, also of one in which files failed")
  func report() throws {
    try fixture.put(Array("no picture".utf8), "<b>bad.png")
    let report = fixture.inputs + "/report"
    // What a former run has left there is no input.
    try fixture.put(try UpscaleFixture.picture(seed: 3), "report/old.png")
    let run = try run(Self.job, ["--report", report])
    #expect(run.code == 1)
    try FileManager.default.removeItem(atPath: report + "/old.png")
    let files = try fixture.tree(report)
    #expect(files.keys.sorted() == ["report.csv", "report.html", "report.json"])
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(files["report.json"] ?? [])) as? [String: Any])
    let counts = object["counts"] as? [String: Int]
    #expect(counts?["failed"] == 1 && counts?["done"] == 2)
    #expect((object["title"] as? String)?.hasPrefix("acuity run ") == true)
    let page = String(decoding: files["report.html"] ?? [], as: UTF8.self)
    #expect(page.contains("&lt;b&gt;bad.png") && page.contains("type=\"range\""))
    // A report that can't be written is told, after the work.
    let blocked = try self.run(Self.job, ["--report", fixture.inputs + "/a.png"])
    #expect(blocked.code != 0 && blocked.errors.contains("a.png"))
  }
}
