import Foundation

/// The most memory that this process has had, in bytes; 0 where the system does not tell, as inside some containers.
public func peakMemory() -> Int {
  #if canImport(Darwin)
    var usage = rusage()
    getrusage(RUSAGE_SELF, &usage)
    return Int(usage.ru_maxrss)
  #else
    // Not getrusage, which counts for a process what its parent had when it started it: the test runner, which by then
    // has had more than any test allows.
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return 1024 * (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0)
  #endif
}
