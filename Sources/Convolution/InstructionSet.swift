/// A set of vector instructions that the engine has kernels for.
///
/// The results of two sets differ by rounding alone; those of one set are the same bytes on every machine that has it.
public enum InstructionSet: String, CaseIterable, Sendable, Codable {
  /// SSE2 on x86-64, and portable 4-lane code elsewhere: runs on every machine.
  case baseline
  /// AVX2 with fused multiply-add (x86-64-v3).
  case avx2
  /// AVX-512 F, BW, CD, DQ and VL (x86-64-v4).
  case avx512
  /// Arm's Advanced SIMD.
  case neon

  /// The sets that this machine has, slowest first.
  public static let supported: [InstructionSet] = detected()

  /// The fastest set that this machine has.
  public static var best: InstructionSet { supported.last ?? .baseline }

  /// The set to use: the caller's request, else the one that the environment variable `ACUITY_ISA` names, else the best.
  ///
  /// - Throws: `InstructionSetError` if the name is unknown or the machine lacks the set.
  public static func resolve(_ requested: InstructionSet? = nil) throws(InstructionSetError) -> InstructionSet
  {
    try resolve(requested, variable: environmentVariable("ACUITY_ISA"), supported: supported)
  }

  /// The set that the caller or the environment names; nil if the machine's best is to be taken.
  package static func named(_ requested: InstructionSet? = nil) -> InstructionSet? {
    requested ?? environmentVariable("ACUITY_ISA").flatMap { InstructionSet(rawValue: $0.lowercased()) }
  }

  static func resolve(
    _ requested: InstructionSet?, variable: String?, supported: [InstructionSet]
  ) throws(InstructionSetError) -> InstructionSet {
    if let requested {
      guard supported.contains(requested) else { throw .unsupported(requested, supported: supported) }
      return requested
    }
    guard let variable, !variable.isEmpty else { return supported.last ?? .baseline }
    guard let named = InstructionSet(rawValue: variable.lowercased()) else { throw .unknown(variable) }
    return try resolve(named, variable: nil, supported: supported)
  }
}

/// Why an instruction set cannot be used.
public enum InstructionSetError: Error, Equatable, CustomStringConvertible {
  /// `ACUITY_ISA` holds a name that no set has.
  case unknown(String)
  /// The machine lacks the set.
  case unsupported(InstructionSet, supported: [InstructionSet])

  /// In words, with what is missing.
  public var description: String {
    switch self {
    case .unknown(let name):
      let names = InstructionSet.allCases.map { $0.rawValue }.joined(separator: ", ")
      return "ACUITY_ISA is \"\(name)\", which is no instruction set; use one of: \(names)"
    case .unsupported(let set, let supported):
      let names = supported.map { $0.rawValue }.joined(separator: ", ")
      return "this machine has no \(set.rawValue); it supports: \(names)"
    }
  }
}
