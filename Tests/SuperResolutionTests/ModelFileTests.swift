import Foundation
import TestSupport
import Testing

@testable import Models

@Suite("A model's file while it is read")
struct ModelFileTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/model"
  }

  private func file(_ content: [UInt8]) throws -> ModelFile {
    try Data(content).write(to: URL(fileURLWithPath: path))
    return try ModelFile(Array(path.utf8), name: "model", limit: 100)
  }

  @Test("Any part of it is read into its place")
  func part() throws {
    let file = try file(Array(0..<100))
    var bytes = [UInt8](repeating: 0, count: 12)
    try bytes[1..<11].withUnsafeMutableBytes { try file.read(30, into: $0) }
    #expect(bytes == [0] + Array(30..<40) + [0])
  }

  @Test("One that is shortened since it was opened is told as cut short; what is added to it is not seen")
  func changed() throws {
    let file = try file(Array(0..<100))
    var bytes = [UInt8](repeating: 0, count: 50)
    #expect(truncate(path, 70) == 0)
    #expect(throws: ModelError(file: "model", cause: .truncated(bytes: 70, needed: 90))) {
      try bytes.withUnsafeMutableBytes { try file.read(40, into: $0) }
    }
    #expect(truncate(path, 1000) == 0)
    #expect(file.size == 100)
  }
}
