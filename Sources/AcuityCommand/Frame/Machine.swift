import Acuity
import ArgumentParser
import Convolution
import Dispatch
import Foundation
import Synchronization

/// What a benchmark asks of the machine.
enum Machine {
  /// The fused multiply-adds, counted as two operations, that so many threads do a second at the same time.
  static func peak(_ kernels: Kernels, threads: Int) -> Double {
    let sum = Mutex(0.0)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      let own = kernels.measurePeak(seconds: 0.1)
      sum.withLock { $0 += own }
    }
    return sum.withLock { $0 }
  }

  /// Refuses a benchmark that takes more memory than the machine has or the system would give, in which it would crash.
  ///
  /// - Parameters:
  ///   - bytes: What it takes.
  ///   - remedy: What to choose instead.
  /// - Throws: `ValidationError`.
  static func expectMemory(_ bytes: Int, remedy: String) throws {
    guard bytes <= usableMemory(), Memory.isAvailable(bytes) else {
      throw ValidationError(
        "this takes \(ByteCount(bytes)) of memory, more than there is for it here; \(remedy)")
    }
  }

  /// The most memory that this process has had, in bytes.
  static var peakMemory: Int {
    #if canImport(Darwin)
      var usage = rusage()
      getrusage(RUSAGE_SELF, &usage)
      return Int(usage.ru_maxrss)
    #else
      // Not getrusage, which counts for a process what its parent had when it started it.
      return peakMemory(inStatus: (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? "")
    #endif
  }

  /// In a text of the form of `/proc/self/status`, where spaces follow the tab only before numbers of less than eight digits; 0
  /// where it does not say.
  static func peakMemory(inStatus text: String) -> Int {
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return 1024 * (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0)
  }
}
