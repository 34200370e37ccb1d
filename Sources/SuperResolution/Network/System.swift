#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Lets another thread have the core.
func yieldThread() { sched_yield() }

/// Bytes of memory that this process may have: the machine's, or its container's; 8 GB where nothing says.
package func usableMemory() -> Int {
  #if canImport(Darwin)
    var bytes: UInt64 = 0
    var size = MemoryLayout<UInt64>.size
    return sysctlbyname("hw.memsize", &bytes, &size, nil, 0) == 0 ? Int(bytes) : 8 << 30
  #else
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let page = sysconf(Int32(_SC_PAGESIZE))
    return min(pages > 0 && page > 0 ? pages * page : 8 << 30, ControlGroups.own.memory ?? .max)
  #endif
}

/// Cores that this process may use, as `taskset`, array jobs and containers limit them; at least 1.
package func coreCount() -> Int {
  #if os(Linux)
    let quota = ControlGroups.own.processors.map { Int($0.rounded(.up)) } ?? .max
    // Swift's view of the C library hides it.
    typealias Affinity = @convention(c) (Int32, Int, UnsafeMutablePointer<UInt64>) -> Int32
    if let address = dlsym(nil, "sched_getaffinity") {
      var allowed = [UInt64](repeating: 0, count: 128)
      let affinity = unsafeBitCast(address, to: Affinity.self)
      if affinity(0, allowed.count * MemoryLayout<UInt64>.stride, &allowed) == 0 {
        return max(1, min(allowed.reduce(0) { $0 + $1.nonzeroBitCount }, quota))
      }
    }
  #else
    let quota = Int.max
  #endif
  return max(1, min(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), quota))
}
