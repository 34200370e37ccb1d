#if os(Linux)
  import Acuity
  import Foundation
  import TestSupport
  import Testing

  @Suite("acuity upscale over many files")
  struct UpscaleEnduranceTests {
    private struct Sample {
      var files: Int
      /// kB of its own but for the stacks of threads: pages of the program's file come and go with what else the machine
      /// does, and a busy machine makes more threads.
      var memory: Int
      /// kB, with those pages.
      var all: Int
      var descriptors: Int
      var threads: Int
    }

    /// kB of a thread's stack, as the C library makes it.
    private static let stack: Int = {
      var (attributes, size) = (pthread_attr_t(), 0)
      pthread_attr_init(&attributes)
      defer { pthread_attr_destroy(&attributes) }
      pthread_attr_getstacksize(&attributes, &size)
      return size / 1024
    }()

    /// kB that no file backs, but for mappings of a stack's size.
    private func heap(_ folder: String) -> Int? {
      guard let mappings = try? String(contentsOfFile: folder + "/smaps", encoding: .utf8) else { return nil }
      var (sum, isStack) = (0, false)
      for line in mappings.utf8.split(separator: UInt8(ascii: "\n")) {
        let words = line.split(separator: UInt8(ascii: " "))
        guard words.count == 3, let amount = Int(String(decoding: words[1], as: UTF8.self)) else { continue }
        if words[0].elementsEqual("Size:".utf8) { isStack = amount == Self.stack }
        if words[0].elementsEqual("Anonymous:".utf8), !isStack { sum += amount }
      }
      return sum > 0 ? sum : nil
    }

    private func sample(_ run: Run, files: Int) -> Sample? {
      let folder = "/proc/\(run.processIdentifier)"
      guard let status = try? String(contentsOfFile: folder + "/status", encoding: .utf8),
        let descriptors = try? FileManager.default.contentsOfDirectory(atPath: folder + "/fd").count
      else { return nil }
      func number(_ key: String) -> Int? {
        status.split(separator: "\n").first { $0.hasPrefix(key + ":") }?.split(separator: "\t").last
          .flatMap { $0.split(separator: " ").first }.flatMap { Int($0) }
      }
      guard let memory = heap(folder), let all = number("VmRSS"), let threads = number("Threads") else {
        return nil
      }
      return Sample(files: files, memory: memory, all: all, descriptors: descriptors, threads: threads)
    }

    @Test("Memory, descriptors and threads stay where they are, however many files")
    func leaks() throws {
      let fixture = try UpscaleFixture()
      let count = SharedData.runsFullTests ? 50_000 : 2_000
      let pictures = try (0..<50).map { try UpscaleFixture.picture(width: 8, height: 8, seed: UInt64($0)) }
      for index in 0..<count { try fixture.put(pictures[index % 50], "\(index).png") }
      // As many files under way on any machine. One arena of the allocator, or every thread gets one of its own.
      let run = try Acuity.start(
        fixture.arguments(["--quiet", "--threads", "2"]).map { Array($0.utf8) },
        environment: ["MALLOC_ARENA_MAX": "1"])
      var samples: [Sample] = []
      while samples.last.map({ $0.files < count }) ?? true {
        usleep(20_000)
        let files = (try? FileManager.default.contentsOfDirectory(atPath: fixture.outputs).count) ?? 0
        guard let sample = sample(run, files: files) else { break }
        samples.append(sample)
      }
      #expect(run.wait().code == 0)
      let settled = samples.filter { $0.files >= count / 4 && $0.files < count }
      #expect(settled.count > 3)
      // The least of many moments: pictures under way come on top of what is kept, more of them on a busy machine.
      func least(_ files: Range<Int>) -> Sample? {
        settled.filter { files.contains($0.files) }.min { $0.memory < $1.memory }
      }
      let quarters = try (1..<4).map { quarter in
        try #require(least(quarter * count / 4..<(quarter + 1) * count / 4), "no samples")
      }
      // What is lost for every file grows all the time; one file more under way than before is a step, once. What is
      // noted of each file for the summary takes some bytes.
      let growths = zip(quarters, quarters.dropFirst()).map { first, last in
        last.memory - first.memory - (last.files - first.files) * 300 / 1024
      }
      #expect(
        2 * (growths.min() ?? 0) * 100 < 5 * quarters[0].all,
        "\(quarters.map(\.memory)) kB, with \(quarters[0].all) kB in use")
      let descriptors = settled.map(\.descriptors)
      let threads = settled.map(\.threads)
      // A file under way holds a few of each.
      #expect((descriptors.max() ?? 0) - (descriptors.min() ?? 0) < 24, "\(descriptors)")
      #expect((threads.max() ?? 0) - (threads.min() ?? 0) < 16, "\(threads)")
    }
  }
#endif
