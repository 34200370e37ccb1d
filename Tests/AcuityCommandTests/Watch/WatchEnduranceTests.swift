#if os(Linux)
  import Foundation
  import TestSupport
  import Testing
  import Watching

  @Suite struct WatchEnduranceTests {
    @Test(.disabled(if: isSanitized, "the sanitizer has an allocator of its own"))
    func memoryDescriptorsAndThreadsStayWhereTheyAreHoweverManyFiles() throws {
      let bench = try WatchBench()
      let count = SharedData.runsFullTests ? 50_000 : 2_000
      let pictures = try (0..<50).map { try smallPicture($0, width: 8, height: 8) }
      for index in 0..<count { try bench.home.write(pictures[index % 50], to: "in/\(index).png") }
      // One arena of the allocator, or every thread gets one of its own.
      let run = try bench.start(
        ["--quiet", "--threads", "2", "--done", "delete"], environment: ["MALLOC_ARENA_MAX": "1"])
      var samples: [ProcessUse] = []
      while samples.last.map({ $0.files < count }) ?? true {
        usleep(20_000)
        let files = bench.status?.done ?? 0
        guard let sample = ProcessUse(of: run, files: files) else { break }
        samples.append(sample)
      }
      run.signal(SIGTERM)
      #expect(run.wait().code == 0)
      try checkConstant(samples, files: count)
    }
  }
#endif
