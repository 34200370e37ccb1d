import Acuity
import Batch
import Folders
import Foundation
import Ledger
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A dry run beside the run that it foretells, for whatever may be in an output's place.
@Suite struct DryRunTests {
  let home: TemporaryFolder
  let ledger: Ledger

  init() throws {
    home = try TemporaryFolder()
    ledger = try Ledger(path: home.path + "/ledger")
    try home.put(try picture(), "in/a.png")
  }

  /// What is in the place of the output of `in/a.png`, a PNG of the same size.
  enum State: CaseIterable {
    case noFolder, nothing, folder, pipe, linkToFolder, deadLink, text, picture, otherPicture
    case own, ownThatIsCut, ownThatIsChanged, ownThatIsTouched
    case ownOfOtherContent, ownOfOtherOptions, ownOfOtherTime
    case anothers, anothersThatIsGone
  }

  private func job(_ ifExists: Job.ExistingOutput, _ stages: String = "sharpen") throws -> Job {
    var job = Job(outputs: [try Job.Output(stages, root: home.path + "/out", format: .png)])
    job.ifExists = ifExists
    return job
  }

  private func run(
    _ job: Job, isDry: Bool = false, hasLedger: Bool = true, input: String = "in", part: Shard? = nil
  ) async throws -> BatchSummary {
    let processor = try FileProcessor(
      job, coder: InProcessCoder(), ledger: hasLedger ? ledger : nil, resources: Resources(threads: 1),
      isDry: isDry)
    let plan = try await BatchPlan(
      InputSelection(arguments: [bytes(home.path + "/" + input)]), job: job, shard: part)
    return await BatchRunner(processor).run(plan)
  }

  @Test func theTimeOfAnOutputIsLeftToTheRun() async throws {
    var job = try job(.skip)
    #expect(try await run(job).exitCode == 0)
    job.keepsModificationTime = true
    let folder = try home.folder.folder(relative("out"))
    let before = try folder.status(bytes("a.png"))
    #expect(try await run(job, isDry: true).counts.skipped == 1)
    #expect(try folder.status(bytes("a.png")) == before)
    #expect(try await run(job).counts.skipped == 1)
    let input = try home.folder.folder(relative("in")).status(bytes("a.png"))
    #expect(try folder.status(bytes("a.png"))?.modified == input?.modified)
  }

  private func set(_ state: State) async throws {
    switch state {
    case .noFolder: return
    case .nothing: try makeFolder("out")
    case .folder: try makeFolder("out/a.png")
    case .pipe, .linkToFolder, .deadLink:
      try makeFolder("out")
      let place = home.path + "/out/a.png"
      let target = state == .deadLink ? "nowhere" : home.path
      try #require((state == .pipe ? mkfifo(place, 0o600) : symlink(target, place)) == 0)
    case .text: try home.put(bytes("somebody's"), "out/a.png")
    case .picture: try home.put(try BatchTests.picture(seed: 9), "out/a.png")
    case .otherPicture: try home.put(try BatchTests.picture(width: 9), "out/a.png")
    case .own, .ownOfOtherContent, .ownOfOtherOptions, .ownThatIsCut, .ownThatIsChanged, .ownThatIsTouched,
      .ownOfOtherTime:
      let made = try await run(job(.skip, state == .ownOfOtherOptions ? "grayscale" : "sharpen"))
      #expect(made.exitCode == 0)
      try await change(state)
    case .anothers, .anothersThatIsGone:
      try home.put(try BatchTests.picture(seed: 2, as: .webp), "other/a.webp")
      #expect(try await run(job(.skip), input: "other").exitCode == 0)
      if state == .anothersThatIsGone { try FileManager.default.removeItem(atPath: home.path + "/other") }
    }
  }

  private func makeFolder(_ path: String) throws {
    _ = try home.folder.folder(relative(path), create: true)
  }

  /// What has happened to an output since it was made, or to its input.
  private func change(_ state: State) async throws {
    let output = try #require(try home.content("out/a.png"))
    let later = FileAttributes(modified: 2_000_000_000_000_000_000)
    func put(_ content: [UInt8], _ folder: String) throws {
      try home.folder.folder(relative(folder)).write(
        content, to: bytes("a.png"), replacing: true, attributes: later)
    }
    switch state {
    case .ownOfOtherContent: try put(try BatchTests.picture(seed: 3), "in")
    case .ownThatIsCut: try put(Array(output.dropLast(20)), "out")
    case .ownThatIsChanged: try put(try BatchTests.picture(seed: 4), "out")
    case .ownThatIsTouched: try put(output, "out")
    case .ownOfOtherTime: try put(try BatchTests.picture(), "in")
    default: break
    }
  }

  /// Inputs and outputs; what lies beside an open ledger is SQLite's.
  private func tree() throws -> [String: [UInt8]] {
    try home.tree().filter { !$0.key.hasPrefix("ledger") }
  }

  @Test(arguments: State.allCases, Job.ExistingOutput.allCases)
  func aDryRunSaysWhatTheRunDoesAndChangesNothing(
    _ state: State, _ ifExists: Job.ExistingOutput
  ) async throws {
    for hasLedger in [false, true] {
      try? FileManager.default.removeItem(atPath: home.path + "/out")
      try await set(state)
      let job = try job(ifExists)
      let (tree, entries) = (try tree(), try ledger.entries())
      let dry = try await run(job, isDry: true, hasLedger: hasLedger)
      #expect(try self.tree() == tree && ledger.entries() == entries)
      #expect(FileManager.default.fileExists(atPath: home.path + "/out") == (state != .noFolder))
      let real = try await run(job, hasLedger: hasLedger)
      #expect(dry.outcomes.map(\.result) == real.outcomes.map(\.result))
      #expect(dry.exitCode == real.exitCode)
      #expect(dry.outcomes[0].orders.map(\.path) == real.outcomes[0].outputs.map(\.path))
      #expect(dry.outcomes[0].outputs.isEmpty)
      try expect(dry.outcomes[0], state, ifExists, hasLedger)
      try home.put(try BatchTests.picture(), "in/a.png")
    }
  }

  /// Which of two pictures gets a name is no matter of which is done first, in this run or in that of another part.
  @Test(arguments: [false, true]) func aFurtherNameIsNotThatOfAnotherInputsOutput(_ isInParts: Bool)
    async throws
  {
    try home.put(try BatchTests.picture(seed: 2), "in/a-1.png")
    try await set(.otherPicture)
    let job = try job(.rename)
    let parts = isInParts ? [try Shard("1/2", environment: [:]), try Shard("2/2", environment: [:])] : [nil]
    for isDry in [true, false] {
      var names: [String: RelativePath] = [:]
      for part in parts {
        for outcome in try await run(job, isDry: isDry, hasLedger: false, part: part).outcomes {
          names[outcome.input.path.description] =
            isDry ? outcome.orders.first?.path : outcome.outputs.first?.path
        }
      }
      #expect(names.mapValues(\.description) == ["a.png": "a-2.png", "a-1.png": "a-1.png"])
    }
  }

  /// That both are right, in the states of which a dry run has to know most.
  private func expect(
    _ outcome: FileOutcome, _ state: State, _ ifExists: Job.ExistingOutput, _ hasLedger: Bool
  ) throws {
    switch (state, ifExists) {
    case (.noFolder, _), (.nothing, _):
      #expect(outcome.result == .done && outcome.orders.map(\.isReplacing) == [false])
    case (.folder, .rename), (.pipe, .rename), (.linkToFolder, .rename):
      #expect(outcome.orders.map(\.path.description) == ["a-1.png"])
    case (.folder, _), (.pipe, _): #expect(outcome.failure?.reason.contains("is in the way: it is a") == true)
    case (.own, .skip), (.own, .verify), (.own, .rename):
      let reason = "its output is up to date" + (ifExists == .rename ? ": a.png" : "")
      #expect(!hasLedger || outcome.result == .skipped(reason))
    case (.ownThatIsCut, .verify), (.ownThatIsCut, .skip):
      let isReplaced = hasLedger || ifExists == .verify
      #expect(outcome.orders.map(\.isReplacing) == (isReplaced ? [true] : []))
    case (.anothers, .skip), (.anothers, .verify), (.anothers, .overwrite):
      #expect(!hasLedger || outcome.failure?.reason.contains("not this input's but that of a.webp") == true)
    case (.linkToFolder, _): #expect(outcome.failure?.culprit == .outputName)
    case (_, .fail):
      #expect(outcome.failure?.reason.contains("is already there: remove it, or choose otherwise") == true)
    default: break
    }
  }
}
