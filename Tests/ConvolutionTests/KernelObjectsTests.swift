import Foundation
import TestSupport
import Testing

/// The objects that these tests were linked from; `.ci/run` looks at those of the release build.
@Suite struct KernelObjectsTests {
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent(".ci/check-kernel-symbols").path

  private static func check(_ folder: String) throws -> Run.Result {
    try Run(path: "/bin/sh", [script, folder]).wait()
  }

  private static let canCheck =
    FileManager.default.isExecutableFile(atPath: script)
    && (try? Run.shell("command -v nm || command -v llvm-nm", in: "/"))?.code == 0

  @Test(.enabled(if: canCheck, "needs the repository's scripts, and nm"))
  func holdNoWeakFunctions() throws {
    let run = try Self.check(BuiltProducts.folder.path)
    #expect(run.code == 0, "\(run.errors)")
    let folder = try TemporaryFolder()
    #expect(try Self.check(folder.path).code == 2, "no objects are no proof")
  }

  @Test(
    .enabled(
      if: canCheck && FileManager.default.isExecutableFile(atPath: "/usr/bin/cc"),
      "needs the repository's scripts, nm and /usr/bin/cc"))
  func aWeakFunctionIsFound() throws {
    let folder = try TemporaryFolder()
    for (attribute, code) in [("", 0), ("__attribute__((weak)) ", 1)] as [(String, Int32)] {
      try folder.write("\(attribute)int kernel(void) { return 1; }".utf8, to: "kernel.c")
      let compiler = try Run.shell(
        "mkdir -p KernelsX.build && cc -c kernel.c -o KernelsX.build/kernel.o", in: folder.path)
      try #require(compiler.code == 0, "\(compiler.errors)")
      #expect(try Self.check(folder.path).code == code)
    }
  }
}
