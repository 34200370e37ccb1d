import Acuity
import Batch
import Folders
import Foundation
import Ledger
import Stages
import TestSupport
import Testing

@testable import Watching

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

  private func process(
    _ name: String = "a.png", into output: Folder, unchangedFor quiet: Duration = .zero,
    _ change: (inout Job) -> Void = { _ in }
  ) async throws -> Outcome {
    let stages = try StageRegistry.builtIn.pipeline(parsing: "grayscale", environment: StageEnvironment())
    var job = Job(outputs: [
      Job.Output(root: bytes(output.path), stages: stages, stageText: "grayscale")
    ])
    change(&job)
    let processor = try FileProcessor(
      job, coder: InProcessCoder(), ledger: ledger, resources: Resources(threads: 1), roots: [output])
    return await PictureProcessor(processor, ledger: ledger).process(
      try path(name), below: home.folder, unchangedFor: quiet, course: WorkCourse())
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

  /// The next run may have other limits, or a machine with more memory.
  @Test func whatIsBeyondALimitIsRefusedAndNotGivenUpForGood() async throws {
    let output = try home.folder.folder(try path("out"), create: true)
    let changes: [(inout Job) -> Void] = [
      { $0.limits.maxFileSize = 100 }, { $0.limits.maxPixels = 100 }, { $0.maxMemory = 1 << 20 },
    ]
    for (index, change) in changes.enumerated() {
      guard case .refused = try await process(into: output, change) else {
        Issue.record("limit \(index) does not hold")
        return
      }
    }
    #expect(try ledger.entries().isEmpty && output.names().isEmpty)
    #expect(try await process(into: output) == .done)
  }

  @Test func aNameThatIsTakenIs() async throws {
    let output = try home.folder.folder(try path("out/a.png"), create: true)
    guard case .refused(let reason) = try await process(into: try Folder(parentOf: output)) else {
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

  @Test func theFirstBytesOfAFileDoNotTellItsFormatYet() async throws {
    let output = try home.folder.folder(try path("out"), create: true)
    let text = bytes("no picture, but some words of text")
    try home.folder.write(Array(text.prefix(31)), to: bytes("b.png"), replacing: false)
    guard case .incomplete = try await process("b.png", into: output) else {
      Issue.record("31 bytes are taken for all")
      return
    }
    try home.folder.write(Array(text.prefix(32)), to: bytes("b.png"), replacing: true)
    guard case .failed = try await process("b.png", into: output) else {
      Issue.record("32 bytes are waited for")
      return
    }
  }

  @Test func aWriterIsLookedAtNoLessThanOnceAMinute() {
    for (quiet, rest) in [(0, 1), (30, 30), (3600, 60)] {
      #expect(Completeness.rest(after: .seconds(quiet)) == .seconds(rest))
    }
  }

  /// Writes a file of its final length, but for one part.
  private func write(_ whole: [UInt8], to name: String, without gap: Range<Int>) throws {
    let file = open(home(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { finish(file, name) }
    try #require(ftruncate(file, off_t(whole.count)) == 0)
    for part in [0..<gap.lowerBound, gap.upperBound..<whole.count] {
      #expect(pwrite(file, Array(whole[part]), part.count, off_t(part.lowerBound)) == part.count)
    }
  }

  /// Closes a file that was written, and waits for processes that other tests start meanwhile: they have its descriptor, too,
  /// until they run their programs.
  private func finish(_ file: Int32, _ name: String) {
    close(file)
    for _ in 0..<10_000 where home.folder.isBeingWritten(bytes(name)) == true { usleep(1_000) }
  }

  /// Pictures of every form that is read, of at least five blocks each.
  private static let pictures: [String: [UInt8]] = {
    let image = Pictures.noise(width: 160, height: 160, layout: .rgb, seed: 1)
    var lossless = EncodeOptions()
    lossless.lossless = true
    return [
      "a.png": try? ImageFile.encode(image, as: .png), "a.jpg": try? ImageFile.encode(image, as: .jpeg),
      "lossy.webp": try? ImageFile.encode(image, as: .webp),
      "lossless.webp": try? ImageFile.encode(image, as: .webp, options: lossless),
      "a.bmp": bitmap(200, side: 160),
    ].compactMapValues { $0 }
  }()

  @Test(arguments: ["a.png", "a.jpg", "lossy.webp", "lossless.webp", "a.bmp"], ["middle", "end"])
  func aFileWithAGapIsWaitedFor(_ name: String, _ place: String) async throws {
    let output = try home.folder.folder(try path("out"), create: true)
    let whole = try #require(Self.pictures[name])
    try #require(whole.count > 16_384)
    try write(whole, to: name, without: place == "end" ? 8192..<whole.count : 8192..<16_384)
    // Where nothing tells that a BMP's zeros are none of its pixels, they are its pixels.
    if name != "a.bmp" || home.folder.hasHoles(bytes(name)) {
      for quiet in [0, 59, 300] {
        switch try await process(name, into: output, unchangedFor: .seconds(quiet)) {
        case .incomplete, .unfinished: break
        case let outcome: Issue.record("after \(quiet) s: \(outcome)")
        }
      }
    }
    #expect(try ledger.entries(in: .done).isEmpty)
    try write(whole, to: name, without: 0..<0)
    #expect(try await process(name, into: output) == .done)
  }

  @Test func butNotForEver() async throws {
    let output = try home.folder.folder(try path("out"), create: true)
    for name in ["lossy.webp", "a.bmp", "a.jpg"] {
      try write(try #require(Self.pictures[name]), to: name, without: 8192..<16_384)
      switch try await process(name, into: output, unchangedFor: .seconds(601)) {
      case .done where name != "a.jpg", .failed where name == "a.jpg": break
      case let outcome: Issue.record("\(name): \(outcome)")
      }
    }
  }

  @Test(.enabled(if: tellsOfWriters())) func whoeverIsWritingIsWaitedForHoweverLong() async throws {
    let output = try home.folder.folder(try path("out"), create: true)
    let cuts = ["cut.png", "short.png"]
    let whole = try #require(Self.pictures["a.png"])
    var damaged = whole
    damaged[damaged.count / 2] ^= 0xff
    let cut = whole.prefix(9000) + [UInt8](repeating: 0, count: whole.count - 9000)
    for (name, content) in [
      "cut.png": Array(cut), "short.png": Array(whole.dropLast(20)), "black.bmp": bitmap(0),
      "white.bmp": bitmap(255), "a.webp": try #require(Self.pictures["lossless.webp"]),
      "damaged.png": damaged, "good.png": whole,
    ] {
      let file = open(home(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
      #expect(Foundation.write(file, content, content.count) == content.count)
      let outcome = try await process(name, into: output, unchangedFor: .seconds(3600))
      switch outcome {
      // Nothing speaks against a picture that proves its own wholeness.
      case .unfinished where name != "good.png", .done where name == "good.png": break
      default: Issue.record("\(name): \(outcome)")
      }
      finish(file, name)
      // Black is black, and damage is damage.
      switch try await process(name, into: output) {
      case .failed where name == "damaged.png", .incomplete where cuts.contains(name): break
      case .done where name != "damaged.png" && !cuts.contains(name): break
      case let outcome: Issue.record("\(name), closed: \(outcome)")
      }
    }
  }
}
