import Acuity
import Batch
import Folders
import Foundation
import Ledger
import Stages
import TestSupport
import Testing
import Watching

/// Whose fault a failure is, as the watcher is told.
@Suite struct PictureProcessorTests {
  private let home: TemporaryFolder
  private let ledger: Ledger

  init() throws {
    home = try TemporaryFolder()
    ledger = try Ledger(path: home.path + "/ledger")
    let image = Pictures.noise(width: 20, height: 12, layout: .rgb, seed: 1)
    try home.folder.write(try ImageFile.encode(image, as: .png), to: bytes("a.png"), replacing: false)
  }

  private func process(_ name: String = "a.png", into output: Folder) async throws -> Outcome {
    let stages = try StageRegistry.builtIn.pipeline(parsing: "grayscale", environment: StageEnvironment())
    let job = Job(outputs: [
      Job.Output(root: bytes(output.path), stages: stages, stageText: "grayscale")
    ])
    let processor = try FileProcessor(
      job, coder: InProcessCoder(), ledger: ledger, resources: Resources(threads: 1), roots: [output])
    return await PictureProcessor(processor, ledger: ledger).process(
      try path(name), below: home.folder, course: WorkCourse())
  }

  @Test func aFolderThatTakesNoFilesIsNotTheInputsFault() async throws {
    let output = try home.folder.folder(try path("out"), create: true)
    #expect(rmdir(output.path) == 0)
    for _ in 0..<4 {
      guard case .unavailable(let reason) = try await process(into: output) else {
        Issue.record("it counts as an attempt")
        return
      }
      #expect(reason.contains(output.path + "/a.png"))
    }
    let again = try home.folder.folder(try path("again"), create: true)
    #expect(try await process(into: again) == .done)
    #expect(try ledger.entry(for: bytes("a.png"))?.attempts == 1)
  }

  @Test func aNameThatIsTakenIs() async throws {
    let output = try home.folder.folder(try path("out/a.png"), create: true)
    guard case .failed(let reason) = try await process(into: try Folder(parentOf: output)) else {
      Issue.record("it is tried for ever")
      return
    }
    #expect(reason.contains("in the way"))
  }

  @Test func aFileThatIsLongBeforeItIsWholeIsWaitedFor() async throws {
    let output = try home.folder.folder(try path("out"), create: true)
    let whole = try home.folder.read(bytes("a.png"), limit: .max).bytes
    for written in [0, 4, 40, whole.count / 2, whole.count - 64] {
      let zeros = [UInt8](repeating: 0, count: whole.count - written)
      try home.folder.write(whole.prefix(written) + zeros, to: bytes("slow.png"), replacing: true)
      guard case .incomplete = try await process("slow.png", into: output) else {
        Issue.record("with \(written) of its bytes it counts as damaged")
        return
      }
    }
    var damaged = whole
    damaged[whole.count / 2] ^= 0xff
    try home.folder.write(damaged, to: bytes("slow.png"), replacing: true)
    guard case .failed = try await process("slow.png", into: output) else {
      Issue.record("damage is waited for")
      return
    }
    try home.folder.write(whole, to: bytes("slow.png"), replacing: true)
    #expect(try await process("slow.png", into: output) == .done)
  }
}
