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
  func holdNothingThatTheyMustNot() throws {
    let run = try Self.check(BuiltProducts.folder.path)
    #expect(run.code == 0, "\(run.errors)")
    let folder = try TemporaryFolder()
    #expect(try Self.check(folder.path).code == 2, "no objects are no proof")
  }

  @Test(
    .enabled(
      if: canCheck && FileManager.default.isExecutableFile(atPath: "/usr/bin/cc"),
      "needs the repository's scripts, nm and /usr/bin/cc"))
  func whatKernelsMustNotHoldIsFound() throws {
    let folder = try TemporaryFolder()
    let plain = "int kernel(void) { return 1; }"
    let clearing = "#include <string.h>\nvoid kernel(char *p, size_t n) { memset(p, 0, n); }"
    for (source, code) in [
      (plain, 0), ("__attribute__((weak)) \(plain)", 1), (clearing, 1),
    ] as [(String, Int32)] {
      try folder.write(source.utf8, to: "kernel.c")
      let compiler = try Run.shell(
        "mkdir -p KernelsX.build && cc -c kernel.c -o KernelsX.build/kernel.o", in: folder.path)
      try #require(compiler.code == 0, "\(compiler.errors)")
      #expect(try Self.check(folder.path).code == code)
    }
  }

  /// Every Swift object for macOS has weak data. There `nm` is LLVM's, here it plays the part.
  @Test(
    .enabled(
      if: canCheck && (try? Run.shell("command -v clang && command -v llvm-nm", in: "/"))?.code == 0,
      "needs the repository's scripts, clang and llvm-nm"))
  func inObjectsForMacOSToo() throws {
    let folder = try TemporaryFolder()
    for (source, code) in [
      ("__attribute__((weak, visibility(\"hidden\"))) extern const short version = 3;", 0),
      ("__attribute__((weak, visibility(\"hidden\"))) int kernel(void) { return 1; }", 1),
    ] as [(String, Int32)] {
      try folder.write(source.utf8, to: "kernel.c")
      let run = try Run.shell(
        """
        mkdir -p bin KernelsX.build && ln -sf "$(command -v llvm-nm)" bin/nm || exit 9
        printf '#!/bin/sh\\necho Darwin\\n' >bin/uname && chmod +x bin/uname || exit 9
        clang -w -target arm64-apple-macosx26 -c kernel.c -o KernelsX.build/kernel.o || exit 9
        PATH=$PWD/bin:$PATH exec /bin/sh '\(Self.script)' .
        """, in: folder.path)
      #expect(run.code == code, "\(run.errors)")
    }
  }
}
