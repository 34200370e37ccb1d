import Acuity
import Foundation
import TestSupport
import Testing

/// What programs that follow a batch are told, and what its exit code says.
@Suite("acuity upscale and who follows it")
struct UpscaleEventsTests {
  let fixture: UpscaleFixture

  init() throws {
    fixture = try UpscaleFixture()
  }

  @Test("Events come on the descriptor that was named")
  func events() throws {
    try fixture.putPictures(5)
    try fixture.put(Array("no picture".utf8), "bad.png")
    let log = fixture.folder("events")
    let command = ([Acuity.path] + fixture.arguments(["--events-fd", "7"])).map { "'\($0)'" }.joined(
      separator: " ")
    let run = try Run(
      path: "/bin/sh", ["-c", "\(command) 7>'\(log)'"].map { Array($0.utf8) }, environment: [:], output: nil
    ).wait()
    #expect(run.code == 1, "\(run.errors)")
    let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let names = lines.compactMap { $0["event"] as? String }
    #expect(names.first == "begin" && names.last == "end")
    #expect(names.filter { $0 == "done" }.count == 5 && names.filter { $0 == "fail" }.count == 1)
    #expect(lines.last?["code"] as? Int == 1)
    #expect(lines.first?["files"] as? Int == 6, "also those of which it is known that they fail")
    let failure = try #require(lines.first { $0["event"] as? String == "fail" })
    #expect(failure["culprit"] as? String == "input" && failure["code"] as? Int == 1)
  }

  @Test("A report that cannot be written is in the code that the events end with", arguments: [false, true])
  func lostReport(isInTheWay: Bool) throws {
    try fixture.putPictures(2)
    let (log, report) = (fixture.folder("events"), fixture.folder("report"))
    if isInTheWay {
      try FileManager.default.createDirectory(
        atPath: report + "/report.html/file", withIntermediateDirectories: true)
      try Data("{}".utf8).write(to: URL(fileURLWithPath: report + "/report.json"))
    }
    let options = ["--events-fd", "7", "--report", report, "--log-format", "json"]
    let command = ([Acuity.path] + fixture.arguments(options)).map { "'\($0)'" }.joined(separator: " ")
    let run = try Run.shell("\(command) 7>'\(log)'", in: "/")
    let code: Int32 = isInTheWay ? 73 : 0
    #expect(run.code == code, "\(run.errors)")
    #expect(run.errors.contains("report.html") == isInTheWay)
    #expect(run.errors.contains(#""event":"summary""#) && run.errors.contains(#""code":\#(code),"#))
    let end = try #require(try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").last)
    #expect(end.contains(#""event":"end""#) && end.contains(#""code":\#(code),"#), "\(end)")
    let account = try? String(contentsOfFile: report + "/report.json", encoding: .utf8)
    #expect(isInTheWay ? account == nil : account?.contains(#""exit_code" : 0"#) == true)
    #expect(try fixture.tree().count == 2)
  }

  #if os(Linux)
    @Test("Events that cannot be written are an error, a reader that leaves is none")
    func eventsThatAreLost() throws {
      try fixture.putPictures(2)
      let report = fixture.folder("report")
      let options = ["--events-fd", "7", "--if-exists", "overwrite", "--report", report]
      let command = ([Acuity.path] + fixture.arguments(options)).map { "'\($0)'" }.joined(separator: " ")
      let lost = try Run.shell("\(command) 7>/dev/full", in: "/")
      #expect(lost.code == 74 && lost.errors.contains("descriptor 7"), "\(lost.errors)")
      let account = try String(contentsOfFile: report + "/report.json", encoding: .utf8)
      #expect(account.contains(#""exit_code" : 74"#))
      #expect(try fixture.tree().count == 2)
      let left = try Run.shell("{ \(command) 7>&1 >&2; echo $? >&2; } | true", in: "/")
      #expect(left.errors.hasSuffix("\n0\n"), "\(left.errors)")
    }
  #endif

  @Test("A descriptor that is not open, or not for writing, is refused before anything takes its place")
  func eventsWithoutDescriptor() throws {
    try fixture.putPictures(1)
    for number in [611, 612] {
      let run = try fixture.run(["--events-fd", "\(number)", "--ledger", fixture.folder("ledger")])
      #expect(run.code == 64 && run.errors.contains("--events-fd \(number)"))
    }
    let log = try fixture.folder.write(bytes("mine"), to: "events")
    let arguments = fixture.arguments(["--events-fd", "7", "--ledger", fixture.folder("ledger")])
    let command = ([Acuity.path] + arguments).map { "'\($0)'" }.joined(separator: " ")
    let run = try Run.shell("\(command) 7<'\(log)'", in: fixture.folder.path)
    #expect(run.code == 64 && run.errors.contains("--events-fd 7"), "\(run.errors)")
    #expect(try fixture.tree().isEmpty)
    #expect(!FileManager.default.fileExists(atPath: fixture.folder("ledger")))
  }

  @Test(
    "A limit on the size of files is a failed write, no name that cannot be",
    .disabled(if: isThreadSanitized, "the thread sanitizer writes a file of its own"))
  func fileSizeLimit() throws {
    try fixture.put(try UpscaleFixture.picture(width: 60, height: 60), "a.png")
    let command = ([Acuity.path] + fixture.arguments([])).map { "'\($0)'" }.joined(separator: " ")
    let run = try Run.shell("ulimit -f 1 && \(command)", in: "/")
    #expect(run.code == 74 && run.errors.contains("too large"), "\(run.errors)")
    #expect(try fixture.tree().isEmpty)
  }
}
