import Foundation
import Testing

@testable import Convolution

@Suite struct InstructionSetTests {
  static let v3 = "fpu sse2 avx f16c fma movbe bmi1 bmi2 avx2 abm"
  static let v4 = v3 + " avx512f avx512bw avx512cd avx512dq avx512vl"

  @Test(arguments: [
    ("", [InstructionSet.baseline]),
    ("flags\t\t: fpu sse2\n", [.baseline]),
    ("model name\t: avx2 avx512f fma\nflags\t\t: \(v3)\n", [.baseline, .avx2]),
    ("flags\t\t: \(v4)\n", [.baseline, .avx2, .avx512]),
    // One flag of a set missing: AVX2 without FMA, AVX-512 without VL.
    ("flags\t\t: \(v3.replacing("fma ", with: ""))\n", [.baseline]),
    ("flags\t\t: \(v4.replacing(" avx512vl", with: ""))\n", [.baseline, .avx2]),
    // A flag is a word: "avx" is not in "avx2".
    ("flags\t\t: \(v3.replacing("avx ", with: ""))\n", [.baseline]),
    // Every processor must have it.
    ("flags\t\t: \(v4)\n\nflags\t\t: \(v3)\n", [.baseline, .avx2]),
    ("vmx flags\t: ept\nflags\t\t: \(v3)\nbugs\t\t: spectre\n", [.baseline, .avx2]),
  ])
  func processorInformationIsRead(_ text: String, _ sets: [InstructionSet]) {
    #expect(InstructionSet.parse(processorInformation: text) == sets)
  }

  @Test func everyMachineHasTheBaselineAndTheBestIsTheLast() {
    #expect(InstructionSet.supported.first == .baseline)
    #expect(InstructionSet.best == InstructionSet.supported.last)
  }

  @Test func aRequestPrecedesTheVariableAndThatTheBest() throws {
    let all: [InstructionSet] = [.baseline, .avx2, .avx512]
    #expect(try InstructionSet.resolve(nil, variable: nil, supported: all) == .avx512)
    #expect(try InstructionSet.resolve(nil, variable: "", supported: all) == .avx512)
    #expect(try InstructionSet.resolve(nil, variable: "avx2", supported: all) == .avx2)
    #expect(try InstructionSet.resolve(nil, variable: "AVX2", supported: all) == .avx2)
    #expect(try InstructionSet.resolve(.baseline, variable: "avx2", supported: all) == .baseline)
  }

  @Test func whatTheMachineLacksIsRefused() {
    #expect(throws: InstructionSetError.unsupported(.avx512, supported: [.baseline, .avx2])) {
      try InstructionSet.resolve(.avx512, variable: nil, supported: [.baseline, .avx2])
    }
    #expect(throws: InstructionSetError.unsupported(.neon, supported: [.baseline])) {
      try InstructionSet.resolve(nil, variable: "neon", supported: [.baseline])
    }
    #expect(throws: InstructionSetError.unknown("sse9")) {
      try InstructionSet.resolve(nil, variable: "sse9", supported: [.baseline])
    }
  }

  @Test func errorsSayWhatToDo() {
    #expect(
      InstructionSetError.unknown("sse9").description
        == "ACUITY_ISA is \"sse9\", which is no instruction set; use one of: baseline, avx2, avx512, neon")
    #expect(
      InstructionSetError.unsupported(.avx512, supported: [.baseline, .avx2]).description
        == "this machine has no avx512; it supports: baseline, avx2")
  }

  @Test(arguments: InstructionSet.supported)
  func peakIsMeasured(_ set: InstructionSet) {
    let peak = Kernels(for: set).measurePeak(seconds: 0.001)
    // No core starts more than 2 multiply-adds of 16 floats in a cycle, at 10 GHz; none that shares its time does less
    // than a thousandth of one of 4 floats at 1 GHz.
    #expect(peak < 2 * 2 * 16 * 10e9 && peak > 2 * 4 * 1e6)
  }

  /// In a process of its own: the environment is everybody's.
  @Test func theEnvironmentNamesASetInAnyCase() async {
    await #expect(processExitsWith: .success) {
      setenv("ACUITY_ISA", "Baseline", 1)
      precondition(InstructionSet.named() == .baseline && InstructionSet.named(.neon) == .neon)
      setenv("ACUITY_ISA", "", 1)
      precondition(InstructionSet.named() == nil)
    }
  }
}
