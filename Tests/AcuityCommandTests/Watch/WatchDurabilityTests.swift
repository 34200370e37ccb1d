#if os(Linux)
  import Foundation
  import TestSupport
  import Testing
  import Watching

  /// What a power cut finds of the inputs that a watcher takes out of its folder.
  @Suite struct WatchDurabilityTests {
    @Test(
      .enabled(if: UpscaleSystemErrorTests.strace != nil, "needs strace and the right to trace"),
      arguments: ["move", "delete"])
    func whatIsTakenOutIsSoOnTheDisk(_ way: String) throws {
      let bench = try WatchBench()
      try bench.put(smallPicture(1), "a.png")
      let trace = bench.home("trace")
      let run = try Run(
        path: UpscaleSystemErrorTests.strace ?? "",
        [
          "-f", "-y", "-o", trace, "-e", "trace=renameat2,unlinkat,fsync", "--", Acuity.path, "watch",
          bench.input, bench.output, "--model", bench.model, "--settle", "0.1", "--isolation", "none",
          "--done", way,
        ])
      #expect(eventually { bench.status?.done == 1 })
      #expect(!FileManager.default.fileExists(atPath: bench.input + "/a.png"))
      kill(try #require(bench.status?.process), SIGTERM)
      #expect(run.wait().code == 0)
      let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        .filter { !$0.contains(" resumed>") }
      let call = way == "move" ? #"/in>, "a.png", "# : #"unlinkat("#
      let taken = try #require(lines.lastIndex { $0.contains(call) && $0.contains(#"a.png""#) })
      let thread = lines[taken].prefix { $0 != " " } + " "
      let next = lines[(taken + 1)...].filter { $0.hasPrefix(thread) }
      let folders = way == "move" ? ["/in/done>", "/in>"] : ["/in>"]
      #expect(next.count >= folders.count)
      for (line, folder) in zip(next, folders) { #expect(line.contains("fsync(") && line.contains(folder)) }
    }
  }
#endif
