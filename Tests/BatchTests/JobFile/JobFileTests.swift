import Acuity
import Batch
import Folders
import Foundation
import Stages
import TestSupport
import Testing

@Suite struct JobFileTests {
  private static let complete = """
    # Two outputs from one decode.
    inputs: [photos, /abs/one.png]
    recursive: true
    include: ["*.jpg", '*.png']
    exclude: "private/**"
    stages: denoise:strength=3
    outputs:
      - folder: out/2x
        name: "{stem}_{scale}x.{ext}"
        format: png
        png-level: 9
        lossless: yes
        stages: resize:scale=2
      - folder: /abs/4x
        stages:
          - resize: {scale: 4, filter: area}
          - grayscale
          - sharpen:amount=0.3,radius=2
        format: webp
        quality: 80
        metadata: strip
    if-exists: overwrite
    verify: decode
    keep-mtime: true
    keep-permissions: false
    threads: 3
    max-memory: 1.5G
    tile: 512
    max-pixels: 50M
    cmyk: convert
    animation: first-frame
    tolerant: true
    """

  private func parse(_ text: String) throws -> JobFile {
    try JobFile(parsing: text, folder: bytes("/jobs"))
  }

  private func job(_ text: String) throws -> Job {
    try parse(text).job(registry: .builtIn, environment: StageEnvironment())
  }

  private func output(_ lines: String...) throws -> Job.Output {
    try job("inputs: a.png\noutputs:\n  - folder: out\n" + lines.map { "    \($0)\n" }.joined()).outputs[0]
  }

  @Test func `a name decides the format, and lies about none`() throws {
    #expect(try output("name: '{stem}.webp'").format == .webp)
    #expect(try output("name: '{stem}.webp'", "format: webp").format == .webp)
    for lines in [["name: '{stem}.tiff'"], ["name: '{stem}_r.jpg'", "format: png"], ["name: x.bmp"]] {
      #expect(throws: JobFileError.self) { try output(lines[0], lines.count > 1 ? lines[1] : "") }
    }
    #expect(throws: JobFileError.self) { try output("format: jpeg", "lossless: true") }
  }

  @Test func `amounts are written as on the command line`() throws {
    let text = "inputs: a.png\noutputs:\n  - folder: out\nmax-memory: "
    #expect(try job(text + "2GiB").maxMemory == 2 << 30)
    for wrong in ["1", "1023K", "lots", "-2G"] {
      #expect(throws: JobFileError.self) { try job(text + wrong) }
    }
  }

  @Test func `anchors are refused after every kind of line end`() {
    for end in ["\n", "\r\n", "\r"] {
      let text = ["# a job", "inputs: &a [a.png]", "outputs:", "  - folder: out", "exclude: *a"]
      #expect(throws: JobFileError.self) { try parse(text.joined(separator: end)) }
    }
  }

  @Test func `an ampersand within a text is none`() throws {
    for name in ["Tom & Jerry", "a & b, c", "it's & that's", "'&x'", "\"& y\""] {
      let text = "inputs: a.png\noutputs:\n  - folder: \(name)"
      #expect(throws: Never.self, "\(name)") { try job(text) }
    }
    for value in ["&a x", "[&a x]", "!!str &a x", "[b 'c, &a x]", "{k: &a x}", "\n  - &a x"] {
      #expect(throws: JobFileError.self, "\(value)") { try parse("outputs: {folder: o}\ninputs: \(value)") }
    }
  }

  @Test func `a tilde may begin a name`() throws {
    let file = try parse("inputs: [~a, ./~/b]\noutputs: {folder: o}")
    #expect(file.selection.arguments == [bytes("/jobs/~a"), bytes("/jobs/./~/b")])
  }

  @Test func `a byte order mark is passed over`() throws {
    let text = "\u{feff}inputs: a.png\noutputs: {folder: o}"
    #expect(try parse(text).selection.arguments == [bytes("/jobs/a.png")])
  }

  @Test func `everything that a job says arrives`() throws {
    let file = try parse(Self.complete)
    #expect(file.selection.arguments == [bytes("/jobs/photos"), bytes("/abs/one.png")])
    #expect(file.selection.isRecursive)
    #expect(file.selection.include == [Glob("*.jpg"), Glob("*.png")])
    #expect(file.selection.exclude == [Glob("private/**")])
    let job = try job(Self.complete)
    #expect(job.outputs.map(\.root) == [bytes("/jobs/out/2x"), bytes("/abs/4x")])
    #expect(job.outputs[0].name.text == "{stem}_{scale}x.{ext}" && job.outputs[1].name == .same)
    #expect(job.outputs.map(\.format) == [.png, .webp])
    #expect(job.outputs[0].encoding == EncodeOptions(pngLevel: 9, lossless: true))
    #expect(job.outputs[1].encoding == EncodeOptions(quality: 80, metadata: .strip))
    #expect(job.outputs[0].stageText == "denoise:strength=3,resize:scale=2")
    #expect(
      job.outputs[1].stageText
        == "denoise:strength=3,resize:scale=4,filter=area,grayscale,sharpen:amount=0.3,radius=2")
    #expect(job.outputs[1].stages.steps.map(\.name) == ["denoise", "resize", "grayscale", "sharpen"])
    #expect(job.ifExists == .overwrite && job.verification == .decode)
    #expect(job.keepsModificationTime && !job.keepsPermissions)
    #expect(job.threads == 3 && job.maxMemory == 3 << 29 && job.tile == 512)
    #expect(job.limits.maxPixels == 50_000_000)
    #expect(job.reading == ReadOptions(cmyk: .convert, animation: .firstFrame, acceptsDamage: true))
    let swapped = Self.complete.replacing("keep-mtime: true", with: "keep-mtime: false")
      .replacing("keep-permissions: false", with: "keep-permissions: true")
    let other = try self.job(swapped)
    #expect(!other.keepsModificationTime && other.keepsPermissions)
  }

  @Test func `what a job leaves out is as for the command`() throws {
    let job = try job("inputs: a.png\noutputs: {folder: out}")
    let plain = Job(outputs: [])
    #expect(job.outputs.count == 1 && job.outputs[0].stages.steps.isEmpty)
    #expect(job.ifExists == plain.ifExists && job.verification == plain.verification)
    #expect(job.limits == Limits() && job.reading == ReadOptions() && job.threads == nil)
    #expect(job.outputs[0].encoding == EncodeOptions() && job.outputs[0].format == nil)
    #expect(job.outputs[0].keepsLossless)
    for line in ["lossless: no", "lossless: yes", "quality: 80"] {
      #expect(try !self.job("inputs: a.png\noutputs: {folder: out, \(line)}").outputs[0].keepsLossless)
    }
    #expect(try parse("files-from: list\noutputs: {folder: o}").filesFrom == [bytes("/jobs/list")])
    #expect(try parse("files-from: [a, b]\noutputs: {folder: o}").filesFrom.count == 2)
  }

  @Test(arguments: [
    ("inputs: a\noutputs:\n  - folder: o\n    stagse: grayscale", 4, "did you mean 'stages'?"),
    ("input: a", 1, "did you mean 'inputs'?"),
    ("inputs: a\noutputs:\n  - stages: grayscale", 3, "has no folder"),
    ("inputs: a\noutputs:\n  - folder: o\n    format: bmp", 4, "png, jpeg, webp"),
    ("inputs: a\noutputs:\n  - folder: o\n    quality: 101", 4, "from 1 to 100"),
    ("inputs: a\noutputs:\n  - folder: o\n    format: png\n    quality: 50", 5, "quality does nothing"),
    ("inputs: a\noutputs:\n  - {folder: o, format: webp, progressive: yes}", 3, "progressive does nothing"),
    ("inputs: a\noutputs:\n  - {folder: o, provenance: yes, metadata: strip}", 3, "which this output strips"),
    ("inputs: a\noutputs:\n  - folder: o\n    name: '{nme}'", 4, "{stem}"),
    ("inputs: a\noutputs:\n  - folder: o\n    name: {stem}.{ext}", 4, "begins with { or [ in quotes"),
    ("inputs: a\noutputs:\n  - folder: o\n    name: {stem}", 4, "begins with { or [ in quotes"),
    ("inputs: a\n outputs: {folder: o}", 2, "the keys of a block in one column"),
    ("inputs: one: two\noutputs: {folder: o}", 1, "a colon and a space in it in quotes"),
    ("files-from: -\noutputs: {folder: o}", 1, "a - that is a name in quotes"),
    ("inputs: a\nmodel: fast\noutputs: {folder: o}", 2, "a stage has it: stages: upscale:model=..."),
    ("inputs: a\noutputs:\n  - folder: o\n    scale: 2", 4, "a stage has it: stages: upscale:scale=..."),
    ("inputs: a\noutputs: {folder: o}\nrecursive: maybe", 3, "true or false"),
    ("inputs: a\noutputs: {folder: o}\nif-exists: no", 3, "skip, verify, overwrite"),
    ("inputs: a\noutputs: {folder: o}\nmax-memory: much", 3, "512M"),
    ("inputs: a\noutputs: {folder: o}\nthreads: 0", 3, "from 1 to 1024"),
    ("inputs: a\noutputs: {folder: o}\ninclude: '[a'", 3, "pattern"),
    ("inputs:\n  - {a: b}\noutputs: {folder: o}", 2, "inputs needs a path or a list of paths"),
    ("inputs: {a: b}\noutputs: {folder: o}", 1, "inputs needs a path or a list of paths"),
    ("files-from: [[a]]\noutputs: {folder: o}", 1, "files-from needs a path or a list of paths"),
    ("inputs: a\noutputs: {folder: o}\ninclude: {a: b}", 3, "include needs a pattern or a list of patterns"),
    ("inputs: a\noutputs: {folder: o}\nexclude: [[a]]", 3, "exclude needs a pattern or a list of patterns"),
    ("inputs: a\noutputs: {folder: o}\nstages: [[a]]", 3, "stages needs a stage or a list of stages"),
    ("inputs: a\noutputs: {folder: [o]}", 2, "folder needs a single value"),
    ("inputs: a\noutputs:\n  - folder: #1", 3, "a comment unless it is in quotes"),
    ("inputs: a\noutputs:\n  - o", 3, "keys and values, such as folder: ..."),
    ("inputs:\n\t- a\noutputs: {folder: o}", 2, "spaces instead of tabs"),
    ("inputs: ~/a\noutputs: {folder: o}", 1, "write the whole path"),
    ("inputs: a\noutputs: {folder: '~'}", 2, "write the whole path"),
    ("inputs: a\noutputs: {folder: o}\nstages:\n  - grayscale\n  - upscale: 2", 5, "{scale: 2}"),
    ("inputs: a\noutputs: {folder: o}\nstages:\n  - {a: , b: }", 4, "a name with its options"),
    ("inputs: a\noutputs: {folder: o}\nstages: 'grayscale,,x'", 3, "a stage is missing"),
    ("inputs: *.jpg\noutputs: {folder: o}", 1, "in quotes"),
    ("inputs: &a [x]\noutputs: {folder: o}", 1, "anchor"),
    ("inputs: a\ninputs: b\noutputs: {folder: o}", 1, "more than once"),
    ("inputs: [a\noutputs: {folder: o}", 2, "expected"),
    ("inputs: a\noutputs: {folder: o}\n---\nmore: 1", 3, "a job is a single one"),
    ("inputs: " + String(repeating: "[", count: 2_000), 1, "too deep"),
    ("- a\n- b", 1, "keys and values"),
  ])
  func `a mistake is told with its line and what would be right`(text: String, line: Int, reason: String)
    throws
  {
    let error = #expect(throws: JobFileError.self) { try parse(text) }
    #expect(try #require(error).line == line, "\(String(describing: error))")
    #expect("\(try #require(error))".contains(reason), "\(String(describing: error))")
  }

  @Test(arguments: [
    ("  - sharpn", 5, "did you mean 'sharpen'?"), ("  - sharpen: {amount: 9}", 5, "a number from 0 to 5"),
    ("  - grayscale\n  - sharpen: {amuont: 1}", 6, "did you mean 'amount'?"),
    ("  - resize: {scale: 2, width: 7}", 5, "more than one size"),
    ("  - watermark: {file: missing.png}", 5, "missing.png"),
  ])
  func `a stage's mistake is told with its line`(stages: String, line: Int, reason: String) throws {
    let text = "inputs: a\noutputs:\n  - folder: o\nstages:\n\(stages)"
    let error = #expect(throws: JobFileError.self) { try job(text) }
    #expect(try #require(error).line == line)
    #expect("\(try #require(error))".contains(reason))
  }

  @Test(arguments: [
    "", "\n# nothing\n", "inputs: a", "outputs: {folder: o}", "inputs: []\noutputs: {folder: o}",
  ])
  func `a job without inputs or outputs is none`(text: String) {
    #expect(throws: JobFileError.self) { try parse(text) }
  }

  @Test func `relative paths start from the job file's folder, and errors name the file`() throws {
    let folder = try TemporaryFolder()
    try folder.put(picture(), "jobs/mark.png")
    try folder.put(
      bytes("inputs: in\noutputs: {folder: out}\nstages: [watermark: {file: mark.png}]"), "jobs/a.yaml")
    try folder.put(bytes("inputs: in\nfolder: out"), "jobs/b.yaml")
    let good = try JobFile(bytes("\(folder.path)/jobs/a.yaml"))
    #expect(good.selection.arguments == [bytes("\(folder.path)/jobs/in")])
    #expect(throws: Never.self) { try good.job(registry: .builtIn, environment: StageEnvironment()) }
    let error = #expect(throws: JobFileError.self) { try JobFile(bytes("\(folder.path)/jobs/b.yaml")) }
    #expect("\(try #require(error))".hasPrefix("\(folder.path)/jobs/b.yaml:2:1: "))
    #expect(throws: ReadError.self) { try JobFile(bytes("\(folder.path)/jobs/c.yaml")) }
    try folder.put([0xff, 0xfe], "jobs/d.yaml")
    #expect(throws: JobFileError.self) { try JobFile(bytes("\(folder.path)/jobs/d.yaml")) }
  }

  @Test func `the guide's job is one`() throws {
    let guide = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../Sources/Stages/Documentation.docc/JobFiles.md")
    let text = try String(contentsOf: guide, encoding: .utf8).components(separatedBy: "```yaml\n")
    let file = try parse(try #require(text.last?.components(separatedBy: "```").first))
    #expect(file.outputs.count == 2 && file.outputs[1].format == .webp)
  }

  @Test func `deep, long and random texts end in errors`() {
    for text in [
      String(repeating: "[", count: 200_000), String(repeating: "- ", count: 100_000),
      String(repeating: "{a: ", count: 50_000), String(repeating: "? ", count: 50_000),
      "inputs: " + String(repeating: "a", count: 500_000),
    ] {
      #expect(throws: JobFileError.self) { try parse(text) }
    }
    var random = RandomSource(seed: 1)
    let pieces = [
      "inputs", "outputs", "stages", "folder", ":", ": ", "\n", "  ", "- ", "[", "]", "{", "}", ",", "'",
      "\"", "*",
      "&a", "#", "|", ">", "%", "@", "\t", "\0", "é", "!!", "~", "sharpen", "2", "---", "...", "?",
    ]
    for _ in 0..<(SharedData.runsFullTests ? 200_000 : 3_000) {
      let count = Int(random.next() % 30)
      let text = (0..<count).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined()
      _ = try? job(text)
    }
  }
}
