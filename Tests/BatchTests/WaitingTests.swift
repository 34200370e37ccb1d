import Acuity
import Batch
import Folders
import Foundation
import Ledger
import Stages
import Synchronization
import TestSupport
import Testing

/// Files under way together: who waits, and who computes.
@Suite struct WaitingTests {
  let inputs: TemporaryFolder
  let outputs: TemporaryFolder

  init() throws {
    inputs = try TemporaryFolder()
    outputs = try TemporaryFolder()
  }

  private func job(_ stage: TaskStage) -> Job {
    let pipeline = StagePipeline(steps: [StagePipeline.Step(name: "task", stage: stage)])
    return Job(outputs: [
      Job.Output(root: bytes(outputs.path), stages: pipeline, stageText: "task", format: nil)
    ])
  }

  @Test func equalFilesThatComeTogetherAreComputedOnce() async throws {
    let ledger = try Ledger(path: inputs.path + "/ledger")
    let count = 4
    for index in 0..<count { try inputs.put(try picture(), "in/\(index).png") }
    // Nobody computes to the end before all of them are on their way.
    let stage = TaskStage { (try? ledger.counts().values.reduce(0, +)) == count }
    let job = job(stage)
    let processor = try FileProcessor(
      job, coder: InProcessCoder(), ledger: ledger, resources: Resources(threads: count))
    let plan = try await BatchPlan(InputSelection(arguments: [bytes(inputs.path + "/in")]), job: job)
    let summary = await BatchRunner(processor).run(plan)
    #expect(summary.counts.done == count)
    #expect(stage.calls.withLock { $0 } == 1)
    #expect(try Set(outputs.tree().values).count == 1 && outputs.tree().count == count)
  }

  @Test func afterAFailureTheNextEqualFileIsComputed() async throws {
    let ledger = try Ledger(path: inputs.path + "/ledger")
    let stage = TaskStage(failures: 1) { (try? ledger.counts().values.reduce(0, +)) == 2 }
    for index in 0..<2 { try inputs.put(try picture(), "in/\(index).png") }
    let job = job(stage)
    let processor = try FileProcessor(
      job, coder: InProcessCoder(), ledger: ledger, resources: Resources(threads: 2))
    let plan = try await BatchPlan(InputSelection(arguments: [bytes(inputs.path + "/in")]), job: job)
    let summary = await BatchRunner(processor).run(plan)
    #expect(summary.counts.done == 1 && summary.counts.failed == 1)
    #expect(stage.calls.withLock { $0 } == 2)
  }

  @Test func aFileSaysWhenItWaitsForOthers() async throws {
    for name in ["first.png", "second.png"] { try inputs.put(try picture(seed: 2), name) }
    let waits = Waits()
    let isSecondWaiting: @Sendable () -> Bool = {
      // For memory, for its turn to be read, and now for the thread that the first one has.
      waits.of("second.png").starts(with: [true, false, true, false, true])
    }
    let job = job(TaskStage(isDone: isSecondWaiting))
    let processor = try FileProcessor(job, coder: InProcessCoder(), resources: Resources(threads: 1))
    @Sendable func process(_ name: String) async throws -> FileOutcome {
      let watch = FileProcessor.Watch(waits: { waits.note($0, of: name) })
      return await processor.process(
        try job.plan(BatchInput(relative(name), below: inputs.folder)), watch: watch)
    }
    async let first = process("first.png")
    #expect(await eventually { waits.of("first.png").count == 6 })
    #expect(try await process("second.png").result == .done)
    #expect(try await first.result == .done)
    #expect(waits.of("second.png").count == 8, "\(waits.of("second.png"))")
    #expect(waits.of("first.png").last == false && waits.of("second.png").last == false)
  }
}

/// What files have said of their waiting.
private final class Waits: Sendable {
  private let states = Mutex<[String: [Bool]]>([:])

  func note(_ isWaiting: Bool, of name: String) {
    states.withLock { $0[name, default: []].append(isWaiting) }
  }

  func of(_ name: String) -> [Bool] { states.withLock { $0[name] ?? [] } }
}

/// Gives the picture back as soon as something is so.
final class TaskStage: Stage {
  let calls = Mutex(0)
  private let failures: Int
  private let isDone: @Sendable () -> Bool

  init(failures: Int = 0, isDone: @escaping @Sendable () -> Bool) {
    self.failures = failures
    self.isDone = isDone
  }

  func process(_ image: Image, context: StageContext) async throws -> Image {
    let call = calls.withLock {
      $0 += 1
      return $0
    }
    guard await eventually({ isDone() }) else { throw Failure(.system, "it has waited in vain") }
    if call <= failures { throw Failure(.input, "it was to fail") }
    return image
  }
}
