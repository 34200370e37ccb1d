#if os(Linux)
  import Foundation
  import TestSupport
  import Testing

  /// What a process has in use after so many files.
  struct ProcessUse {
    var files: Int
    /// kB of its own but for the stacks of threads: pages of the program's file come and go with what else the machine
    /// does, and a busy machine makes more threads.
    var memory: Int
    /// kB, with those pages.
    var all: Int
    var descriptors: Int
    var threads: Int

    /// Nil if it has ended.
    init?(of run: Run, files: Int) {
      let folder = "/proc/\(run.processIdentifier)"
      guard let status = try? String(contentsOfFile: folder + "/status", encoding: .utf8),
        let descriptors = try? FileManager.default.contentsOfDirectory(atPath: folder + "/fd").count
      else { return nil }
      func number(_ key: String) -> Int? {
        status.split(separator: "\n").first { $0.hasPrefix(key + ":") }?.split(separator: "\t").last
          .flatMap { $0.split(separator: " ").first }.flatMap { Int($0) }
      }
      guard let memory = Self.heap(folder), let all = number("VmRSS"), let threads = number("Threads") else {
        return nil
      }
      (self.files, self.memory, self.all) = (files, memory, all)
      (self.descriptors, self.threads) = (descriptors, threads)
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
    private static func heap(_ folder: String) -> Int? {
      guard let mappings = try? String(contentsOfFile: folder + "/smaps", encoding: .utf8) else { return nil }
      var (sum, isStack) = (0, false)
      for line in mappings.utf8.split(separator: UInt8(ascii: "\n")) {
        let words = line.split(separator: UInt8(ascii: " "))
        guard words.count == 3, let amount = Int(String(decoding: words[1], as: UTF8.self)) else { continue }
        if words[0].elementsEqual("Size:".utf8) { isStack = amount == stack }
        if words[0].elementsEqual("Anonymous:".utf8), !isStack { sum += amount }
      }
      return sum > 0 ? sum : nil
    }
  }

  /// Checks that from the first quarter of `count` files on nothing grows with their number.
  func checkConstant(_ samples: [ProcessUse], files count: Int) throws {
    let settled = samples.filter { $0.files >= count / 4 && $0.files < count }
    #expect(settled.count > 3)
    // The least of many moments: pictures under way come on top of what is kept, more of them on a busy machine.
    func least(_ files: Range<Int>) -> ProcessUse? {
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
#endif
