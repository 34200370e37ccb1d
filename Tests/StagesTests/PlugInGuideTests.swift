import Foundation
import Pixels
import Stages
import TestSupport
import Testing

/// The guide's plug-in, built by the guide's command.
@Suite struct PlugInGuideTests {
  private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static let hasCompiler = FileManager.default.isExecutableFile(atPath: "/usr/bin/cc")

  @Test(.enabled(if: hasCompiler, "needs /usr/bin/cc")) func `builds and does what it says`() async throws {
    let guide = try String(
      contentsOf: Self.package.appendingPathComponent(
        "Sources/Stages/Documentation.docc/WritingPlugIns.md"), encoding: .utf8)
    let blocks = guide.components(separatedBy: "```")
    let code = try #require(blocks.first { $0.hasPrefix("c\n") && $0.contains("negative") })
    let command = try #require(
      guide.split(separator: "\n").first { $0.hasPrefix("cc ") }?.split(separator: " ").map(String.init))
    let folder = try TemporaryFolder()
    try folder.write(code.dropFirst(2).utf8, to: "negative.c")

    let arguments = command.dropFirst().map {
      $0.hasPrefix("Sources/") ? Self.package.appendingPathComponent($0).path : $0
    }
    let line = (["cc", "-Wall", "-Werror"] + arguments).map { "'\($0)'" }.joined(separator: " ")
    let compiler = try Run.shell(line, in: folder.path)
    try #require(compiler.code == 0, "\(compiler.errors)")

    var registry = StageRegistry.builtIn
    #expect(try registry.loadPlugIns(folder.path).isEmpty)
    let image = Pictures.noise(width: 9, height: 7, layout: .rgba, seed: 1)
    let output = try await run("negative", image, registry: registry)
    #expect(output == image.filled { x, y, c in c == 3 ? image.value(x, y, c) : 255 - image.value(x, y, c) })
    let half = try await run("negative:share=0", image, registry: registry)
    #expect(half == image)
  }
}
