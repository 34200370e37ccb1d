import Foundation
import TestSupport
import Testing

/// Acuity as another package's dependency by version, in a debug build.
@Suite(
  .enabled(
    if: SharedData.runsFullTests,
    "needs ACUITY_FULL_TESTS=1: builds Acuity anew from a tagged copy of the repository"))
struct ConsumerTests {
  @Test("A debug build of another package upscales at full speed")
  func debugSpeed() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let folder = try TemporaryFolder()
    try shell("git clone -q '\(root)' acuity && git -C acuity tag 1.0.0", in: folder.path)
    try shell("cp -R '\(root)/Tests/Consumer' consumer", in: folder.path)
    let manifest = folder("consumer/Package.swift")
    let text = try String(contentsOfFile: manifest, encoding: .utf8)
      .replacingOccurrences(of: "\"ACUITY\"", with: "\"file://\(folder("acuity"))\"")
    try text.write(toFile: manifest, atomically: true, encoding: .utf8)
    let output = try shell("swift build -q 1>&2 && .build/debug/Consumer", in: folder("consumer"))
    let seconds = try #require(Double(output.trimmingCharacters(in: .whitespacesAndNewlines)))

    // Kernels without optimization would take a hundred times as long.
    let bench = try Acuity.run(["bench", "network", "--size", "256", "--repeats", "3", "--json"])
    let median = try #require(try bench.object()["median"] as? Double)
    #expect(seconds < 5 * median, "\(seconds) s in the other package, \(median) s here")
  }

  /// Runs a line of shell and returns what it prints.
  @discardableResult
  private func shell(_ line: String, in folder: String) throws -> String {
    let run = try Run.shell(line, in: folder)
    try #require(run.code == 0, "\(line): \(run.errors)")
    return run.text
  }
}
