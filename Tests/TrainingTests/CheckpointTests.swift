import Folders
import Foundation
import Pixels
import Testing

@testable import Training

@Suite struct CheckpointTests {
  func withFolder(_ body: (Folder, URL) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "acuity-checkpoints-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    try body(Folder(Array(url.path.utf8), create: true), url)
  }

  func run() throws -> Trainer { try Trainer(recipe: smallRecipe(), set: pictures(6), threads: 1) }

  @Test func readsWhatItWrites() throws {
    let trainer = try run()
    for _ in 0..<3 { try trainer.advance() }
    trainer.measure()
    var checkpoint = trainer.checkpoint()
    let read = try Checkpoint(bytes: checkpoint.serialized(), file: "c")
    checkpoint.state.counts = read.state.counts
    #expect(read == checkpoint)
  }

  @Test func keepsTheTwoNewest() throws {
    try withFolder { folder, url in
      let (store, trainer) = (CheckpointFolder(folder), try run())
      for _ in 0..<4 {
        try trainer.advance()
        try store.save(trainer.checkpoint())
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
      #expect(names == ["checkpoint-000000003.acuity", "checkpoint-000000004.acuity"])
      #expect(try store.newest()?.state.step == 4)
    }
  }

  @Test func fallsBackToTheOneBeforeADamagedOne() throws {
    try withFolder { folder, url in
      let (store, trainer) = (CheckpointFolder(folder), try run())
      for _ in 0..<2 {
        try trainer.advance()
        try store.save(trainer.checkpoint())
      }
      let newest = url.appending(path: "checkpoint-000000002.acuity")
      var bytes = [UInt8](try Data(contentsOf: newest))
      bytes[bytes.count / 2] ^= 1
      try Data(bytes).write(to: newest)
      var warnings: [String] = []
      #expect(try store.newest { warnings.append($0) }?.state.step == 1)
      #expect(warnings.count == 1 && warnings[0].contains("checksum"))
    }
  }

  @Test func refusesEveryTruncation() throws {
    let bytes = try run().checkpoint().serialized()
    for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 97)) {
      #expect(throws: TrainingError.self) { try Checkpoint(bytes: Array(bytes[..<length]), file: "c") }
    }
  }
}
