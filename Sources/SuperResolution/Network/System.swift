#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Lets another thread have the core.
func yieldThread() { sched_yield() }

/// Bytes of memory that the machine has; 8 GB where it does not say.
package func physicalMemory() -> Int {
  #if canImport(Darwin)
    var bytes: UInt64 = 0
    var size = MemoryLayout<UInt64>.size
    return sysctlbyname("hw.memsize", &bytes, &size, nil, 0) == 0 ? Int(bytes) : 8 << 30
  #else
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let page = sysconf(Int32(_SC_PAGESIZE))
    return pages > 0 && page > 0 ? pages * page : 8 << 30
  #endif
}

/// Cores that this process may run on, as `taskset` and array jobs limit them; at least 1.
package func coreCount() -> Int {
  #if os(Linux)
    // Swift's view of the C library hides it.
    typealias Affinity = @convention(c) (Int32, Int, UnsafeMutablePointer<UInt64>) -> Int32
    if let address = dlsym(nil, "sched_getaffinity") {
      var allowed = [UInt64](repeating: 0, count: 128)
      let affinity = unsafeBitCast(address, to: Affinity.self)
      if affinity(0, allowed.count * MemoryLayout<UInt64>.stride, &allowed) == 0 {
        return max(1, allowed.reduce(0) { $0 + $1.nonzeroBitCount })
      }
    }
  #endif
  return max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}
