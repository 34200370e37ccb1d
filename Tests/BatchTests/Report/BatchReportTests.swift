import Acuity
import Batch
import Folders
import Foundation
import Ledger
import TestSupport
import Testing

@Suite struct BatchReportTests {
  /// Names that HTML, JSON, CSV, terminals or spreadsheets might stumble over.
  static let names: [[UInt8]] = [
    bytes("plain.png"), bytes("<img src=x onerror=alert(1)>&amp;.png"), bytes("\"quoted\" 'name'.png"),
    bytes("=1+2, three.png"), bytes("line\nbreak\u{1b}[31m.png"), bytes("\u{202e}gnp.png"),
    (TemporaryFolder.takesRawNames ? [0xff, 0xfe] : bytes("\u{fffd}")) + bytes(".png"), bytes("日本語.png"),
  ]

  /// A run over pictures with those names, one that is damaged and one that isn't a picture.
  static func run(_ folder: TemporaryFolder) async throws -> (BatchSummary, Job) {
    for (index, name) in names.enumerated() {
      try folder.folder.folder(relative("in"), create: true).write(
        picture(width: 60 + index, height: 40, seed: UInt64(index + 1)), to: name, replacing: true)
    }
    try folder.put(Array(try picture().dropLast(30)), "in/damaged.png")
    try folder.put(bytes("notes"), "in/notes.txt")
    var job = Job(outputs: [
      try Job.Output("resize:scale=2", root: folder.path + "/out"),
      try Job.Output("grayscale", root: folder.path + "/gray", format: .webp),
    ])
    // As the path of a model may be.
    job.outputs[0].stageText += "<u>"
    let processor = try FileProcessor(
      job, coder: InProcessCoder(), resources: Resources(threads: 2, memory: 1 << 28))
    let plan = try await BatchPlan(InputSelection(arguments: [bytes(folder.path + "/in")]), job: job)
    return (await BatchRunner(processor).run(plan), job)
  }

  private static func report(_ folder: TemporaryFolder) async throws -> BatchReport {
    let (summary, job) = try await run(folder)
    let report = BatchReport(
      summary, job: job, title: "acuity <test> & \"more\"",
      started: Date(timeIntervalSince1970: 1_700_000_000))
    let samples = await ReportSample.take(4, from: summary, job: job, coder: InProcessCoder())
    #expect(samples.count == 4)
    try report.write(to: bytes(folder.path + "/report"), samples: samples)
    return report
  }

  @Test func `JSON has every file, with names that lead back to their bytes`() async throws {
    let folder = try TemporaryFolder()
    _ = try await Self.report(folder)
    let data = Data(try #require(try folder.content("report/report.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["version"] as? Int == 1 && object["exit_code"] as? Int == 1)
    let counts = try #require(object["counts"] as? [String: Int])
    #expect(counts == ["files": 10, "done": 8, "skipped": 1, "failed": 1, "released": 0])
    let files = try #require(object["files"] as? [[String: Any]])
    let root = bytes(folder.path + "/in/")
    for name in Self.names {
      let file = try #require(
        files.first { Data(base64Encoded: $0["input_base64"] as? String ?? "") == Data(root + name) })
      #expect(unescaped(file["input"] as? String ?? "") == root + name)
      #expect(file["result"] as? String == "done" && file["height"] as? Int == 40)
      let outputs = try #require(file["outputs"] as? [[String: Any]])
      #expect(outputs.map { $0["height"] as? Int } == [80, 40])
      for output in outputs {
        let path = [UInt8](Data(base64Encoded: output["path_base64"] as? String ?? "") ?? Data())
        let prefix = bytes(folder.path + "/")
        let content = try #require(try folder.content(of: Array(path.dropFirst(prefix.count))))
        #expect(output["bytes"] as? Int == content.count)
      }
    }
    let damaged = try #require(files.first { ($0["input"] as? String)?.hasSuffix("damaged.png") == true })
    #expect(damaged["result"] as? String == "failed" && damaged["culprit"] as? String == "input")
    #expect((damaged["reason"] as? String)?.isEmpty == false)
  }

  @Test func `CSV has a row for every output, quoted, and no formulas`() async throws {
    let folder = try TemporaryFolder()
    _ = try await Self.report(folder)
    let text = String(decoding: try #require(try folder.content("report/report.csv")), as: UTF8.self)
    let rows = try #require(Self.csv(text))
    // The header, two outputs of each, and two files without.
    #expect(rows.count == 19)
    #expect(rows.allSatisfy { $0.count == rows[0].count })
    let column = try #require(rows[0].firstIndex(of: "input_base64"))
    let inputs = Set(rows.dropFirst().map { Data(base64Encoded: $0[column]) })
    for name in Self.names { #expect(inputs.contains(Data(bytes(folder.path + "/in/") + name))) }
    for cell in rows.joined() where Double(cell) == nil {
      #expect(cell.first.map { !"=+-@".contains($0) } ?? true)
    }
  }

  /// A strict reader of RFC 4180.
  private static func csv(_ text: String) -> [[String]]? {
    var rows: [[String]] = []
    var row: [String] = []
    var cell = ""
    var isQuoted = false
    var rest = Array(text.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"" where isQuoted && rest.first == "\"":
        cell += "\""
        rest = rest.dropFirst()
      case "\"":
        guard isQuoted || cell.isEmpty else { return nil }
        isQuoted.toggle()
      case "," where !isQuoted:
        row.append(cell)
        cell = ""
      case "\r" where !isQuoted:
        guard rest.popFirst() == "\n" else { return nil }
        rows.append(row + [cell])
        (row, cell) = ([], "")
      default: cell.unicodeScalars.append(scalar)
      }
    }
    return row.isEmpty && cell.isEmpty && !isQuoted ? rows : nil
  }

  @Test func `HTML needs nothing from outside and lets no name out of its place`() async throws {
    let folder = try TemporaryFolder()
    _ = try await Self.report(folder)
    let html = String(decoding: try #require(try folder.content("report/report.html")), as: UTF8.self)
    #expect(!html.contains("<img src=x") && !html.contains("<u>"))
    #expect(html.contains("&lt;img src=x onerror=alert(1)&gt;&amp;amp;.png"))
    #expect(html.contains("<title>acuity &lt;test&gt; &amp; &quot;more&quot; - Acuity report</title>"))
    for outside in ["http:", "https:", "//cdn", "@import", "<link", "url("] {
      #expect(!html.contains(outside))
    }
    #expect(html.contains("default-src 'none'"))
    #expect(html.components(separatedBy: "data:image/jpeg;base64,").count == 9)
    let strange = html.unicodeScalars.filter { ($0.value < 32 && $0.value != 10) || $0.value == 0x202e }
    #expect(strange.isEmpty)
    // No size is broken at the end of a line.
    #expect(html.contains("60\u{a0}×\u{a0}40") && html.contains("120\u{a0}×\u{a0}80, png, "))
    #expect(!html.contains(" ×") && !html.contains("× "))
  }

  @Test func `a report replaces the one before, whole`() async throws {
    let folder = try TemporaryFolder()
    try folder.put(bytes("old"), "report/report.json")
    _ = try await Self.report(folder)
    let files = try folder.tree().keys.filter { $0.hasPrefix("report/") }.sorted()
    #expect(files == ["report/report.csv", "report/report.html", "report/report.json"])
    #expect(try folder.content("report/report.json") != bytes("old"))
    try folder.put(bytes("file"), "taken")
    let (summary, job) = try await Self.run(folder)
    let report = BatchReport(summary, job: job, title: "", started: Date())
    #expect(throws: FileError.self) { try report.write(to: bytes(folder.path + "/taken")) }
    // Of one that cannot be written whole, nothing is left that programs would take for its account.
    unlink(folder.path + "/report/report.html")
    try folder.put(bytes("in the way"), "report/report.html/file")
    #expect(throws: FileError.self) { try report.write(to: bytes(folder.path + "/report")) }
    #expect(try folder.content("report/report.json") == nil)
  }

  @Test func `a batch of nothing has a report too`() throws {
    let folder = try TemporaryFolder()
    let report = BatchReport(
      BatchSummary(BatchPlan(entries: []), outcomes: [], seconds: 0), job: Job(outputs: []), title: "none",
      started: Date())
    try report.write(to: bytes(folder.path + "/report"))
    #expect(try folder.tree().count == 3)
  }

  @Test func `which weights an output was made with is told, whatever their name`() throws {
    let folder = try TemporaryFolder()
    let outputs = try ["upscale:scale=2", "upscale:scale=2,model=bicubic"].map {
      try Job.Output($0, root: folder.path + "/out")
    }
    let summary = BatchSummary(BatchPlan(entries: []), outcomes: [], seconds: 0)
    try BatchReport(summary, job: Job(outputs: outputs), title: "", started: Date()).write(
      to: bytes(folder.path))
    let digest = "sha256:\(SHA256.digest(try Network(try ModelCatalog.load()).content))"
    let data = Data(try #require(try folder.content("report.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let weights = try #require(object["weights"] as? [Any])
    #expect(weights.count == 2 && weights[0] as? String == digest && weights[1] is NSNull)
    let html = String(decoding: try #require(try folder.content("report.html")), as: UTF8.self)
    #expect(html.components(separatedBy: digest).count == 2)
  }

  @Test func `a run that was interrupted has the exit code of that`() throws {
    let folder = try TemporaryFolder()
    let summary = BatchSummary(
      BatchPlan(entries: []), outcomes: [], stopReason: .interrupted, seconds: 0)
    try BatchReport(summary, job: Job(outputs: []), title: "", started: Date()).write(
      to: bytes(folder.path))
    let data = Data(try #require(try folder.content("report.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["exit_code"] as? Int == 130 && object["stop_reason"] as? String == "interrupted")
  }

  @Test func `a sample is read as its picture was`() async throws {
    let folder = try TemporaryFolder()
    let whole = try picture(width: 64, height: 64)
    try folder.put(Array(whole.dropLast(whole.count / 3)), "in/cut.png")
    var job = Job(outputs: [try Job.Output("grayscale", root: folder.path + "/out")])
    job.reading.acceptsDamage = true
    let processor = try FileProcessor(job, coder: InProcessCoder(), resources: Resources(threads: 1))
    let plan = try await BatchPlan(InputSelection(arguments: [bytes(folder.path + "/in")]), job: job)
    let summary = await BatchRunner(processor).run(plan)
    #expect(await ReportSample.take(1, from: summary, job: job, coder: InProcessCoder()).count == 1)
  }

  @Test func `samples are taken from all over the run, also of deep pictures and of those with alpha`()
    async throws
  {
    let folder = try TemporaryFolder()
    for index in 0..<4 {
      let layout: Image.Layout = index == 2 ? .rgba : .rgb
      try folder.put(try picture(layout: layout, depth: 16, seed: 1), "in/\(index).png")
    }
    let job = Job(outputs: [try Job.Output("resize:scale=2", root: folder.path + "/out")])
    let processor = try FileProcessor(job, coder: InProcessCoder(), resources: Resources(threads: 2))
    let plan = try await BatchPlan(InputSelection(arguments: [bytes(folder.path + "/in")]), job: job)
    let summary = await BatchRunner(processor).run(plan)
    let samples = await ReportSample.take(2, from: summary, job: job, coder: InProcessCoder())
    try BatchReport(summary, job: job, title: "", started: Date()).write(
      to: bytes(folder.path + "/report"), samples: samples)
    let html = String(decoding: try #require(try folder.content("report/report.html")), as: UTF8.self)
    #expect(html.contains("/in/0.png, the input") && html.contains("/in/2.png, the input"))
    for sample in samples {
      let (before, after) = (try Self.decoded(sample.before), try Self.decoded(sample.after))
      let (a, b) = (before.samples.values, after.samples.values)
      // Noise costs JPEG much; a wrong range of samples would be ten times as far off.
      #expect(zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) } / a.count <= 30)
    }
  }

  private static func decoded(_ url: String) throws -> Image {
    let data = try #require(Data(base64Encoded: String(url.split(separator: ",")[1])))
    return try ImageFile.read(bytes: [UInt8](data))
  }

  @Test func `samples show the picture's liveliest piece, before and after`() async throws {
    let folder = try TemporaryFolder()
    // Flat but for a corner of noise.
    var samples = Pictures.noise(width: 900, height: 700, layout: .rgb, seed: 1).samples.values
    for y in 0..<700 {
      for x in 0..<900 where x < 700 || y < 500 {
        for channel in 0..<3 { samples[(y * 900 + x) * 3 + channel] = 90 }
      }
    }
    let image = Image(width: 900, height: 700, layout: .rgb, samples: .uint8(samples.map(UInt8.init)))
    try folder.put(ImageFile.encode(image, as: .png), "in/a.png")
    let job = Job(outputs: [try Job.Output("resize:scale=1.5", root: folder.path + "/out")])
    let processor = try FileProcessor(job, coder: InProcessCoder(), resources: Resources(threads: 2))
    let plan = try await BatchPlan(InputSelection(arguments: [bytes(folder.path + "/in")]), job: job)
    let summary = await BatchRunner(processor).run(plan)
    let sample = try #require(
      await ReportSample.take(3, from: summary, job: job, coder: InProcessCoder()).first)
    let (before, after) = (try Self.decoded(sample.before), try Self.decoded(sample.after))
    #expect(before.size == Size(width: 480, height: 360) && after.size == before.size)
    let (a, b) = (before.samples.values, after.samples.values)
    // The stage was the bicubic enlargement too, so that both are the same but for JPEG's noise.
    var sum = 0
    for (one, other) in zip(a, b) { sum += abs(one - other) }
    #expect(sum / a.count <= 6)
    #expect(Set(b).count > 100)
  }
}

extension TemporaryFolder {
  /// The content of a file whose path may be any bytes.
  func content(of path: [UInt8]) throws -> [UInt8]? {
    guard let path = RelativePath(path) else { return nil }
    return try folder.folder(path.folder).read(path.name, limit: .max).bytes
  }
}
