#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension InstructionSet {
  /// What the operating system says that the processor has, and that it saves the registers of, slowest first.
  static func detected() -> [InstructionSet] {
    #if arch(arm64)
      return [.baseline, .neon]
    #elseif arch(x86_64) && canImport(Darwin)
      return parse(processorInformation: "flags: " + darwinFlags())
    #elseif arch(x86_64)
      return parse(processorInformation: contents(ofFile: "/proc/cpuinfo"))
    #else
      return [.baseline]
    #endif
  }

  /// The x86-64 sets in the text of Linux's `/proc/cpuinfo`: every processor listed must have all flags of a set.
  static func parse(processorInformation text: String) -> [InstructionSet] {
    // x86-64-v3 and -v4 as the compiler understands them: the kernels are compiled for all of it.
    let avx2: Set<Substring> = ["avx", "avx2", "fma", "f16c", "bmi1", "bmi2", "movbe", "abm"]
    let avx512 = avx2.union(["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"])
    var common: Set<Substring>?
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      guard line[..<colon].filter({ $0 != " " && $0 != "\t" }) == "flags" else { continue }
      let flags = Set(line[line.index(after: colon)...].split(whereSeparator: { $0 == " " || $0 == "\t" }))
      common = common.map { $0.intersection(flags) } ?? flags
    }
    var sets = [InstructionSet.baseline]
    guard let common else { return sets }
    if avx2.isSubset(of: common) { sets.append(.avx2) }
    if avx512.isSubset(of: common) { sets.append(.avx512) }
    return sets
  }

  static func environmentVariable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  #if arch(x86_64) && canImport(Darwin)
    /// The flags of macOS, spelled as Linux does.
    private static func darwinFlags() -> String {
      let names = [
        ("avx1_0", "avx"), ("avx2_0", "avx2"), ("fma", "fma"), ("f16c", "f16c"), ("bmi1", "bmi1"),
        ("bmi2", "bmi2"), ("movbe", "movbe"), ("lzcnt", "abm"), ("avx512f", "avx512f"),
        ("avx512bw", "avx512bw"), ("avx512cd", "avx512cd"), ("avx512dq", "avx512dq"),
        ("avx512vl", "avx512vl"),
      ]
      // Processors with AVX2 all have these two, which macOS has no name of its own for.
      var flags = ["movbe", "abm"]
      for (name, flag) in names {
        var value: Int32 = 0
        var size = MemoryLayout<Int32>.size
        if sysctlbyname("hw.optional.\(name)", &value, &size, nil, 0) == 0, value != 0 { flags.append(flag) }
      }
      return flags.joined(separator: " ")
    }
  #elseif arch(x86_64)
    /// The text of a file of `/proc`, whose size is not known beforehand; empty if it cannot be read.
    private static func contents(ofFile path: String) -> String {
      let file = open(path, O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { return "" }
      defer { close(file) }
      var bytes: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(file, &chunk, chunk.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { break }
        bytes += chunk[..<count]
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  #endif
}
