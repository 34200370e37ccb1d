import Acuity
import Convolution
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
  /// Bytes that the engine goes by: of a second level that cores share, one's share; small ones where the system says none.
  let level1DataCache: Int
  let level2Cache: Int
  /// Bytes; nil where the system does not say.
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
    memory = usableMemory()
    let caches = CacheSizes.machine
    level1DataCache = caches.firstLevel
    level2Cache = caches.secondLevel
    level3Cache = caches.thirdLevel
  }

  var text: String {
    let caches =
      "L1 \(ByteCount(level1DataCache)), L2 \(ByteCount(level2Cache))"
      + (level3Cache.map { ", L3 \(ByteCount($0))" } ?? "")
    return processor + "\n"
      + Text.table([
        ("architecture", architecture),
        ("cores", "\(cores)"),
        ("instruction sets", instructionSets.joined(separator: ", ")),
        ("used", "\(chosen) (override by --isa or ACUITY_ISA)"),
        ("caches of a core", caches),
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
  #else
    private static var processorName: String? {
      (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)).flatMap(name(in:))
    }

    /// In a text of the form of `/proc/cpuinfo`, which has numbers instead of a name on arm64.
    static func name(in table: String) -> String? {
      func value(_ key: String) -> String? {
        let line = table.split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.split(separator: ":", maxSplits: 1).dropFirst().first?.trimmingCharacters(
          in: .whitespaces)
      }
      if let name = value("model name") { return name }
      guard let implementer = value("CPU implementer"), let part = value("CPU part") else { return nil }
      return "implementer \(implementer), part \(part)"
    }
  #endif
}
