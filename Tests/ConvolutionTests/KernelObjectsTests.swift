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

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: script), "needs the repository's scripts"))
  func holdNoWeakFunctions() throws {
    let run = try Self.check(BuiltProducts.folder.path)
    #expect(run.code == 0, "\(run.errors)")
    let folder = try TemporaryFolder()
    #expect(try Self.check(folder.path).code == 2, "no objects are no proof")
  }
}
