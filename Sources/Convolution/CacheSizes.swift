#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Bytes of the caches that a core has: what blocks of work are cut to.
package struct CacheSizes: Sendable, Equatable {
  /// Data cache of the first level, as a core has it: with this, undivided, the blocks were measured.
  package var firstLevel = 32 << 10
  /// Of the second level; where cores or hardware threads share it, one's share.
  package var secondLevel = 512 << 10
  /// Of the third level, undivided. No block is cut to it.
  package var thirdLevel: Int?

  /// This machine's, as the operating system tells; the defaults, small enough for any machine, where it does not.
  package static let machine = detected()

  private static func detected() -> CacheSizes {
    var sizes = CacheSizes()
    #if canImport(Darwin)
      // The performance cores' on Apple silicon, which the first names are for; the plain names are Intel's.
      if let first = control("hw.perflevel0.l1dcachesize") ?? control("hw.l1dcachesize") {
        sizes.firstLevel = first
      }
      if let shared = control("hw.perflevel0.l2cachesize"),
        let cores = control("hw.perflevel0.cpusperl2"), cores > 0
      {
        sizes.secondLevel = shared / cores
      } else if let second = control("hw.l2cachesize") {
        sizes.secondLevel = second
      }
      sizes.thirdLevel = control("hw.l3cachesize")
    #else
      for index in 0..<8 {
        let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
        let level = line(of: folder + "level")
        guard !level.isEmpty else { break }
        guard line(of: folder + "type") != "Instruction" else { continue }
        guard let bytes = bytes(line(of: folder + "size")) else { continue }
        switch level {
        case "1": sizes.firstLevel = bytes
        case "2": sizes.secondLevel = bytes / max(1, processors(line(of: folder + "shared_cpu_list")))
        case "3": sizes.thirdLevel = bytes
        default: break
        }
      }
    #endif
    return sizes
  }

  /// Bytes from "32K" or "1M" as Linux writes them; nil for anything else, and for nothing.
  static func bytes(_ text: String) -> Int? {
    let (digits, shift) =
      switch text.last {
      case "K": (text.dropLast(), 10)
      case "M": (text.dropLast(), 20)
      default: (text[...], 0)
      }
    guard let count = Int(digits), count > 0, count < 1 << 30 else { return nil }
    return count << shift
  }

  /// How many processors a list as "0-3,8" names; 0 if it is none.
  static func processors(_ list: String) -> Int {
    list.split(separator: ",").reduce(0) { count, range in
      let ends = range.split(separator: "-").map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, last >= first else {
        return count
      }
      return count + last - first + 1
    }
  }

  #if canImport(Darwin)
    private static func control(_ name: String) -> Int? {
      var value: Int64 = 0
      var size = MemoryLayout<Int64>.size
      guard sysctlbyname(name, &value, &size, nil, 0) == 0, value > 0 else { return nil }
      // Some of the names are 32 bits wide: the upper half then stays zero.
      return Int(value)
    }
  #else
    /// The first line of a small file, empty if it cannot be read.
    private static func line(of path: String) -> String { String(systemText(path).prefix { $0 != "\n" }) }
  #endif
}
