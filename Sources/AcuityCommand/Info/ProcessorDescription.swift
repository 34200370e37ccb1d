import Acuity
import Foundation

/// What this machine offers.
struct ProcessorDescription: InfoDescription {
  let processor: String
  let architecture: String
  let cores: Int
  /// Slowest first.
  let instructionSets: [String]
  /// The one that is used unless told otherwise, by `ACUITY_ISA` too.
  let chosen: String
  /// Bytes; nil where the system does not say.
  let level1DataCache: Int?
  let level2Cache: Int?
  let level3Cache: Int?
  let memory: Int

  init() throws(InstructionSetError) {
    processor = Self.processorName ?? "unknown"
    #if arch(x86_64)
      architecture = "x86-64"
    #elseif arch(arm64)
      architecture = "arm64"
    #else
      architecture = "other"
    #endif
    cores = coreCount()
    instructionSets = InstructionSet.supported.map(\.rawValue)
    chosen = try InstructionSet.resolve().rawValue
    memory = physicalMemory()
    (level1DataCache, level2Cache, level3Cache) = Self.caches
  }

  var text: String {
    let caches = [("L1", level1DataCache), ("L2", level2Cache), ("L3", level3Cache)]
      .compactMap { name, bytes in bytes.map { "\(name) \(ByteCount($0))" } }
    return processor + "\n"
      + Text.table([
        ("architecture", architecture),
        ("cores", "\(cores)"),
        ("instruction sets", instructionSets.joined(separator: ", ")),
        ("used", "\(chosen) (override by --isa or ACUITY_ISA)"),
        ("caches of a core", caches.isEmpty ? "unknown" : caches.joined(separator: ", ")),
        ("memory", "\(ByteCount(memory))"),
      ])
  }

  #if canImport(Darwin)
    private static var processorName: String? {
      var bytes = [UInt8](repeating: 0, count: 256)
      var size = bytes.count
      guard sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0) == 0 else { return nil }
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static var caches: (Int?, Int?, Int?) {
      func value(_ name: String) -> Int? {
        var value: Int64 = 0
        var size = MemoryLayout<Int64>.size
        return sysctlbyname(name, &value, &size, nil, 0) == 0 && value > 0 ? Int(value) : nil
      }
      // The performance cores' on Apple silicon; the plain names are Intel's.
      return (
        value("hw.perflevel0.l1dcachesize") ?? value("hw.l1dcachesize"),
        value("hw.perflevel0.l2cachesize") ?? value("hw.l2cachesize"), value("hw.l3cachesize")
      )
    }
  #else
    private static var processorName: String? {
      guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
        let line = text.split(separator: "\n").first(where: { $0.hasPrefix("model name") }),
        let colon = line.firstIndex(of: ":")
      else { return nil }
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }

    /// As the kernel's files tell: `32K` and the like, one folder a cache.
    private static var caches: (Int?, Int?, Int?) {
      var found: [String: Int] = [:]
      for index in 0..<8 {
        let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
        func text(_ name: String) -> String? {
          (try? String(contentsOfFile: folder + name, encoding: .utf8))?.trimmingCharacters(
            in: .whitespacesAndNewlines)
        }
        guard let level = text("level"), let type = text("type"), type != "Instruction",
          let size = text("size").flatMap({ ByteCount(argument: $0) })
        else { continue }
        found[level] = size.bytes
      }
      return (found["1"], found["2"], found["3"])
    }
  #endif
}
