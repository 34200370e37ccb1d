import Foundation
import TestSupport
import Testing

@testable import AcuityCommand

@Suite("The codec's process that is started while arguments are parsed")
struct EarlyCodecTests {
  @Test(
    "It is started for runs that will take it, and for no others",
    arguments: [
      (["upscale", "a.png", "-o", "b.png"], true),
      (["upscale", "a.png", "-o", "b.png", "--model", "fast"], true),
      (["upscale", "a.png", "-o", "b.png", "--isolation", "none"], false),
      (["upscale", "a.png", "-o", "b.png", "--isolation=process"], false),
      (["upscale", "a.png", "-o", "b.png", "--codec-timeout", "5"], false),
      (["upscale", "a", "-o", "b", "--dry-run"], false), (["upscale", "--help"], false),
      (["upscale", "a", "-o", "b", "-n"], false), (["upscale", "a", "-o", "b", "-qn"], false),
      (["upscale", "a", "-o", "b", "-q"], true), (["upscale", "a", "-o", "b", "--events-fd", "3"], false),
      (["upscale", "--version"], false), (["upscale", "--generate-completion-script=zsh"], false),
      (["watch", "a"], false), ([], false),
    ])
  func likely(_ arguments: [String], _ isLikely: Bool) {
    #expect(EarlyCodec.isLikely(for: arguments) == isLikely)
  }

  @Test(
    "It is given the first argument that is neither an option nor behind one, if it is decoded as usual",
    arguments: [
      (["upscale", "a.png", "-o", "b.png"], "a.png"), (["upscale", "-o", "b.png", "a.png"], "a.png"),
      (["upscale", "a.png", "c.png", "-o", "b"], "a.png"),
      (["upscale", "a.png", "-o", "b.png", "--tolerant"], "a.png"),
      (["upscale", "--files-from", "list", "-o", "b"], nil), (["upscale", "-", "-o", "b.png"], nil),
      (["upscale", "-q", "a.png", "-o", "b.png"], nil), (["upscale"], nil), ([], nil),
      (["upscale", "a.png", "-o", "b.png", "--cmyk", "convert"], nil),
      (["upscale", "a.png", "-o", "b.png", "--animation=first"], nil),
      (["upscale", "a.png", "-o", "b.png", "--max-pixels", "1M"], nil),
    ] as [([String], String?)])
  func likelyPicture(_ arguments: [String], _ picture: String?) {
    #expect(EarlyCodec.likelyPicture(in: arguments) == picture)
  }

  @Test("No pipe of that process is taken for a descriptor of the caller's", arguments: 3...12)
  func descriptors(_ descriptor: Int) throws {
    let fixture = try UpscaleFixture()
    try fixture.put(try UpscaleFixture.picture(width: 8, height: 8), "a.png")
    let run = try Acuity.run([
      "upscale", fixture.inputs + "/a.png", "-o", fixture.folder("b.png"), "--events-fd", "\(descriptor)",
    ])
    #expect(run.code == 64 && run.errors.contains("is not open for writing"), "\(run.errors)")
  }

  #if os(Linux)
    @Test(
      "A run has one codec's process before it knows its files, or none",
      arguments: [([], 1), (["--codec-timeout", "5"], 1), (["--isolation", "none"], 0)])
    func processes(_ options: [String], _ count: Int) async throws {
      let fixture = try UpscaleFixture()
      let picture = try UpscaleFixture.picture(width: 8, height: 8)
      try fixture.put(picture, "a.png")
      let list = fixture.folder("list")
      #expect(mkfifo(list, 0o600) == 0)
      let arguments = ["upscale", "--files-from", list, "-o", fixture.folder("outputs") + "/"] + options
      let run = try Acuity.start(arguments.map { Array($0.utf8) })
      // It waits for its list, behind all that is begun early.
      let writer = try #require(FileHandle(forWritingAtPath: list))
      #expect(run.waits { children(of: run.processIdentifier).count >= count })
      try await Task.sleep(for: .milliseconds(100))
      #expect(children(of: run.processIdentifier).count == count)
      try writer.write(contentsOf: Data((fixture.inputs + "/a.png\n").utf8))
      try writer.close()
      let result = run.wait()
      #expect(result.code == 0, "\(result.errors)")
    }

    @Test("It has the picture before the run knows its files")
    func foreseen() async throws {
      let fixture = try UpscaleFixture()
      let picture = try UpscaleFixture.picture(width: 300, height: 300)
      try #require(picture.count > 200_000)
      try fixture.put(picture, "a.png")
      let list = fixture.folder("list")
      #expect(mkfifo(list, 0o600) == 0)
      let arguments = [
        "upscale", fixture.inputs + "/a.png", "--files-from", list, "-o", fixture.folder("outputs") + "/",
        "--model", "bicubic",
      ]
      let run = try Acuity.start(arguments.map { Array($0.utf8) })
      let writer = try #require(FileHandle(forWritingAtPath: list))
      #expect(
        run.waits {
          children(of: run.processIdentifier).contains { bytesRead(by: $0) > picture.count }
        })
      try writer.close()
      let result = run.wait()
      #expect(result.code == 0, "\(result.errors)")
    }

    /// From files and pipes, as /proc has it.
    private func bytesRead(by process: String) -> Int {
      let text = (try? String(contentsOfFile: "/proc/\(process)/io", encoding: .utf8)) ?? ""
      let line = text.split(separator: "\n").first { $0.hasPrefix("rchar: ") }
      return line.flatMap { Int($0.dropFirst(7)) } ?? 0
    }

    /// Those that have not ended, as /proc has them.
    private func children(of parent: pid_t) -> [String] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return names.filter { name in
        guard Int(name) != nil,
          let status = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
          let end = status.range(of: ") ", options: .backwards)?.upperBound
        else { return false }
        let fields = status[end...].split(separator: " ")
        return fields[0] != "Z" && Int(fields[1]) == Int(parent)
      }
    }
  #endif
}
