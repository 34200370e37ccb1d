#if os(Linux)
  import Acuity
  import Foundation
  import TestSupport
  import Testing

  @Suite("acuity upscale over many files")
  struct UpscaleEnduranceTests {
    @Test(
      "Memory, descriptors and threads stay where they are, however many files",
      .disabled(if: isSanitized, "the sanitizer has an allocator of its own"))
    func leaks() throws {
      let fixture = try UpscaleFixture()
      let count = SharedData.runsFullTests ? 50_000 : 2_000
      let pictures = try (0..<50).map { try UpscaleFixture.picture(width: 8, height: 8, seed: UInt64($0)) }
      for index in 0..<count { try fixture.put(pictures[index % 50], "\(index).png") }
      // As many files under way on any machine. One arena of the allocator, or every thread gets one of its own.
      let run = try Acuity.start(
        fixture.arguments(["--quiet", "--threads", "2"]).map { Array($0.utf8) },
        environment: ["MALLOC_ARENA_MAX": "1"])
      var samples: [ProcessUse] = []
      while samples.last.map({ $0.files < count }) ?? true {
        usleep(20_000)
        let files = (try? FileManager.default.contentsOfDirectory(atPath: fixture.outputs).count) ?? 0
        guard let sample = ProcessUse(of: run, files: files) else { break }
        samples.append(sample)
      }
      #expect(run.wait().code == 0)
      try checkConstant(samples, files: count)
    }
  }
#endif
