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
    try trainer.measure()
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

  func names(_ url: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
  }

  func damage(_ name: String, _ url: URL) throws {
    let file = url.appending(path: name)
    var bytes = [UInt8](try Data(contentsOf: file))
    bytes[bytes.count / 2] ^= 1
    try Data(bytes).write(to: file)
  }

  /// Goes on from the one before, whose next checkpoints replace the damaged one though their numbers are lower.
  @Test func goesOnFromTheOneBeforeADamagedOne() throws {
    try withFolder { folder, url in
      let (store, trainer) = (CheckpointFolder(folder), try run())
      for _ in 0..<6 {
        try trainer.advance()
        if trainer.step % 3 == 0 { try store.save(trainer.checkpoint()) }
      }
      try damage("checkpoint-000000006.acuity", url)
      var warnings: [String] = []
      let checkpoint = try #require(try store.newest { warnings.append($0) })
      #expect(checkpoint.state.step == 3)
      #expect(warnings.count == 1 && warnings[0].contains("000006.acuity: is damaged"))

      let second = try run()
      try second.restore(checkpoint, file: "c")
      try second.advance()
      try store.save(second.checkpoint())
      #expect(try names(url) == ["checkpoint-000000003.acuity", "checkpoint-000000004.acuity"])
      #expect(try store.newest { Issue.record("\($0)") }?.state.step == 4)
    }
  }

  @Test func isNotEmptyWhereNoneIsWhole() throws {
    try withFolder { folder, url in
      let (store, trainer) = (CheckpointFolder(folder), try run())
      #expect(try store.newest() == nil)
      for _ in 0..<2 {
        try trainer.advance()
        try store.save(trainer.checkpoint())
      }
      for name in try names(url) { try damage(name, url) }
      let error = #expect(throws: TrainingError.self) { try store.newest() }
      #expect(error.map { "\($0)" }?.hasPrefix("\(folder.path): none of its checkpoints") == true)
    }
  }

  /// One bit, in the head, the values or the checksum.
  @Test func refusesEveryChangedBit() throws {
    let bytes = try run().checkpoint().serialized()
    var random = RandomSource(seed: 12)
    for _ in 0..<100 {
      let bit = random.below(8 * bytes.count)
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      #expect(throws: TrainingError.self, "bit \(bit)") { _ = try Checkpoint(bytes: damaged, file: "c") }
    }
  }

  @Test func refusesEveryTruncation() throws {
    let bytes = try run().checkpoint().serialized()
    for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 97)) {
      #expect(throws: TrainingError.self) { try Checkpoint(bytes: Array(bytes[..<length]), file: "c") }
    }
  }

  /// Goes back also where the newest cannot be read at all.
  @Test func goesOnFromTheOneBeforeAnUnreadableOne() throws {
    try withFolder { folder, url in
      let (store, trainer) = (CheckpointFolder(folder), try run())
      try trainer.advance()
      try store.save(trainer.checkpoint())
      _ = try Folder(Array(url.appending(path: "checkpoint-000000002.acuity").path.utf8), create: true)
      var warnings: [String] = []
      #expect(try store.newest { warnings.append($0) }?.state.step == 1)
      #expect(warnings.count == 1 && warnings[0].contains("000002.acuity"))
    }
  }

  /// Its checksum is right; it would end the process later.
  @Test func refusesAStateThatNoRunHas() throws {
    let trainer = try run()
    try trainer.advance()
    try trainer.measure()
    let whole = trainer.checkpoint()
    let changes: [(String, (inout Checkpoint.State) -> Void)] = [
      ("step", { $0.step = -1 }), ("position", { $0.gridPosition = -1 }), ("sum", { $0.sumCount = -1 }),
      ("patches", { $0.patches = .max }), ("steps of the optimizer", { $0.optimizerSteps = .max }),
      ("seconds", { $0.seconds = -1 }), ("depth", { $0.recipe.depth = 0 }),
      ("decay", { $0.recipe.schedule = .constantThenDecay(warmUp: 0, decay: 0) }),
      ("row", { $0.history.rows[0].psnr.removeLast() }), ("baseline", { $0.history.baseline = [] }),
      ("step of a row", { $0.history.rows[0].step = .min }), ("patch", { $0.recipe.patch = .max }),
      ("combinations", { $0.recipe.degradations = [String](repeating: "bicubic=2,3,4", count: 40) }),
    ]
    for (name, change) in changes {
      var checkpoint = whole
      change(&checkpoint.state)
      let bytes = try checkpoint.serialized()
      let error = #expect(throws: TrainingError.self, "\(name)") { try Checkpoint(bytes: bytes, file: "c") }
      #expect(error.map { "\($0)" }?.hasPrefix("c: makes no sense: ") == true, "\(name)")
    }
    _ = try Checkpoint(bytes: whole.serialized(), file: "c")
  }

  @Test func refusesAPlaceBeyondItsEpoch() throws {
    var recipe = smallRecipe()
    recipe.sampling = .grid(stride: 16)
    func trainer() throws -> Trainer { try Trainer(recipe: recipe, set: pictures(6), threads: 1) }
    var checkpoint = try trainer().checkpoint()
    checkpoint.state.gridPosition = try trainer().epochLength
    try trainer().restore(checkpoint, file: "c")
    checkpoint.state.gridPosition += 1
    let error = #expect(throws: TrainingError.self) { try trainer().restore(checkpoint, file: "c") }
    #expect(error.map { "\($0)" }?.contains("of an epoch of") == true)
  }
}
