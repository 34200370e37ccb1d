import Foundation
import FuzzProbes
import Testing

/// What the fuzzers have found, once more: nothing of it may end a process again, or break a promise.
@Suite struct FuzzCorpusTests {
  private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fuzz/Corpus")

  @Test(arguments: ["PNG", "JPEG", "WebP", "Model", "Stages"])
  func oldFindingsStayMended(parser: String) async throws {
    let folder = Self.corpus.appendingPathComponent(parser).path
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count > 100)
    // In a process of its own, for a broken promise ends it.
    await #expect(processExitsWith: .success) { [parser = parser as String, folder = folder as String] in
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
        let input = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
        FuzzProbes.Seeds.probe(parser, Array(input))
      }
    }
  }
}
