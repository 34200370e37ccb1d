import Acuity
import Batch
import Folders
import Foundation
import Ledger
import Stages
import Synchronization
import TestSupport
import Testing

@Suite struct BatchRunnerTests {
  let inputs: TemporaryFolder
  let outputs: TemporaryFolder

  init() throws {
    inputs = try TemporaryFolder()
    outputs = try TemporaryFolder()
  }

  private func run(
    _ stages: String = "sharpen", threads: Int = 2, memory: Int? = nil, failsFast: Bool = false,
    coder: any PictureCoder = InProcessCoder(), stop: StopSignal = StopSignal(),
    observer: (@Sendable (BatchEvent) -> Void)? = nil
  ) async throws -> BatchSummary {
    let job = Job(outputs: [try Job.Output(stages, root: outputs.path)])
    var selection = InputSelection(arguments: [bytes(inputs.path)])
    selection.isRecursive = true
    let plan = try await BatchPlan(selection, job: job)
    let processor = try FileProcessor(
      job, coder: coder, resources: Resources(threads: threads, memory: memory))
    var runner = BatchRunner(processor, observer: observer)
    runner.failsFast = failsFast
    return await runner.run(plan, stop: stop)
  }

  @Test func aBadFileStopsNoOther() async throws {
    for index in 0..<20 { try inputs.put(try picture(seed: UInt64(index)), "\(index % 3)/\(index).png") }
    try inputs.put(bytes("nonsense"), "bad.png")
    let summary = try await run()
    #expect(summary.counts.done == 20 && summary.counts.failed == 1)
    #expect(summary.exitCode == 1)
    #expect(summary.failures.map(\.input.path.description) == ["bad.png"])
    #expect(try outputs.tree().count == 20)
  }

  @Test func theResultDoesNotDependOnThreadsMemoryOrProcesses() async throws {
    for index in 0..<6 { try inputs.put(try picture(width: 30 + index, seed: UInt64(index)), "\(index).png") }
    var trees: [[String: [UInt8]]] = []
    let worker = WorkerCoder(.init(executable: BuiltProducts.folder.appendingPathComponent("acuity").path))
    for (threads, memory, coder) in [
      (1, 1, InProcessCoder() as any PictureCoder), (3, 1 << 30, InProcessCoder()), (2, 1 << 30, worker),
    ] {
      #expect(try await run(threads: threads, memory: memory, coder: coder).exitCode == 0)
      trees.append(try outputs.tree())
      for name in try outputs.folder.names() { try outputs.folder.remove(name) }
    }
    #expect(trees[0].count == 6 && trees[1] == trees[0] && trees[2] == trees[0])
  }

  /// Keeps how many threads it was given, and how many all of it together.
  private struct ThreadRecorder: Stage {
    let threads = Recorded()

    final class Recorded: Sendable {
      let values = Mutex<[Int]>([])
      let use = Use()
    }

    func process(_ image: Image, context: StageContext) -> Image {
      threads.values.withLock { $0.append(context.threads) }
      threads.use.add(context.threads)
      // Long enough for the others to come in.
      usleep(5000)
      threads.use.add(-context.threads)
      return image
    }
  }

  @Test func smallPicturesShareTheThreadsAndOneAloneHasAll() async throws {
    let stage = ThreadRecorder()
    let pipeline = StagePipeline(steps: [StagePipeline.Step(name: "recorder", stage: stage)])
    let job = Job(
      outputs: [Job.Output(root: bytes(outputs.path), stages: pipeline, stageText: "recorder", format: nil)])
    func threads(files: Int) async throws -> [Int] {
      stage.threads.values.withLock { $0 = [] }
      for index in 0..<files { try inputs.put(try picture(seed: UInt64(index)), "\(files)/\(index).png") }
      let plan = try await BatchPlan(InputSelection(arguments: [bytes("\(inputs.path)/\(files)")]), job: job)
      let processor = try FileProcessor(job, coder: InProcessCoder(), resources: Resources(threads: 4))
      #expect(await BatchRunner(processor).run(plan).counts.done == files)
      for name in try outputs.folder.names() { try outputs.folder.remove(name) }
      return stage.threads.values.withLock { $0 }
    }
    #expect(try await threads(files: 1) == [4])
    #expect(try await threads(files: 40).contains(1))
    #expect(stage.threads.use.now == 0 && stage.threads.use.most == 4)
  }

  @Test func exitCodesSayWhoMustAct() async throws {
    #expect(try await run().exitCode == 66, "an empty folder is no success")
    try inputs.put(bytes("words"), "notes.txt")
    #expect(try await run().exitCode == 66, "nor is one without pictures")
    try inputs.folder.remove(bytes("notes.txt"))
    try inputs.put(bytes("nonsense"), "bad.png")
    #expect(try await run().exitCode == 1)
    try inputs.put(try picture(), "good.png")
    #expect(try await run().exitCode == 1)
    try inputs.folder.remove(bytes("bad.png"))
    #expect(try await run().exitCode == 0)
    #expect(try await run().counts.skipped == 1)
    // What was done before is achieved.
    try outputs.put(bytes("words"), "other.png")
    try inputs.put(try picture(seed: 2), "other.png")
    let some = try await run()
    #expect(some.failures.map(\.failure.culprit) == [.outputName] && some.exitCode == 1)
    try inputs.folder.remove(bytes("good.png"))
    #expect(try await run().exitCode == 73)
  }

  @Test func anInterruptGoesBeforeWhateverElseEndsTheRun() {
    let stop = StopSignal()
    stop.stop(.diskFull)
    stop.stop(.unwritable)
    #expect(stop.reason == .diskFull)
    stop.stop(.interrupted)
    stop.stop(.diskFull)
    #expect(stop.reason == .interrupted)
    let summary = BatchSummary(BatchPlan(entries: []), outcomes: [], stopReason: stop.reason, seconds: 0)
    #expect(summary.exitCode == 130)
  }

  @Test func aFolderThatAnotherHasForItselfIsForLater() throws {
    let plan = BatchPlan(entries: [])
    let held = try #require(try FolderLock(outputs.folder))
    let failure = #expect(throws: Failure.self) { try OutputClaim([outputs.folder], plan: plan) }
    #expect(failure?.culprit == .later)
    withExtendedLifetime(held) {}
  }

  @Test func partsOfABatchShareAFolder() throws {
    let plan = BatchPlan(entries: [])
    let claims = try (0..<3).map { _ in try OutputClaim([outputs.folder], plan: plan) }
    #expect(try FolderLock(outputs.folder) == nil, "nobody has it for himself meanwhile")
    withExtendedLifetime(claims) {}
  }

  @Test func whatAKilledRunLeavesIsClearedAwayWhereOutputsGo() async throws {
    try inputs.put(try picture(), "sub/a.png")
    for folder in ["sub", "sub/large", "other"] {
      try outputs.put(bytes("half"), "\(folder)/.acuity-0123456789abcdef.tmp")
    }
    let job = Job(outputs: [
      try Job.Output("grayscale", root: outputs.path),
      try Job.Output("resize:scale=2", root: outputs.path, name: NamePattern("large/{name}.{ext}")),
    ])
    var selection = InputSelection(arguments: [bytes(inputs.path)])
    selection.isRecursive = true
    let plan = try await BatchPlan(selection, job: job)
    let claim = try OutputClaim([outputs.folder, outputs.folder], plan: plan)
    #expect(try outputs.tree().keys.sorted() == ["other/.acuity-0123456789abcdef.tmp"])
    withExtendedLifetime(claim) {}
  }

  @Test func eventsTellHowFarAFileIsAndHowFarTheRun() async throws {
    for name in ["a.png", "b.png"] { try inputs.put(try picture(), name) }
    let job = Job(outputs: [try Job.Output("grayscale", root: outputs.path)])
    let plan = try await BatchPlan(InputSelection(arguments: [bytes(inputs.path)]), job: job)
    let pipe = try Descriptor.pipe()
    let meter = BatchProgress()
    let writer = try EventWriter(descriptor: pipe.write, job: job, meter: meter)
    let failure = FileOutcome(input: plan.files[1].input, result: .failed(Failure(.input, "bad")))
    let events: [BatchEvent] = [
      .began(plan), .started(file: 1), .finished(file: 1, failure), .started(file: 0),
      .progress(file: 0, share: 0.5), .progress(file: 0, share: 0.6),
    ]
    for event in events {
      meter.note(event)
      writer.note(event)
    }
    close(pipe.write)
    defer { close(pipe.read) }
    let lines = try Descriptor.read(pipe.read, name: "the pipe").split(separator: UInt8(ascii: "\n")).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
    }
    let progress = lines.filter { $0["event"] as? String == "progress" }
    #expect(progress.first?["share"] as? Double == 0.5 && progress.first?["runShare"] as? Double == 0.75)
    #expect(progress.first?["failed"] as? Int == 1 && progress.first?["done"] as? Int == 0)
  }

  #if os(Linux)
    @Test(.disabled(if: isAddressSanitized, "a process that exits at once has not freed all"))
    func aFolderThatCannotBeLockedIsNotSaidToBeInUse() async {
      await #expect(processExitsWith: .success) {
        let outputs = try TemporaryFolder()
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none)
        do throws(Failure) {
          _ = try OutputClaim([outputs.folder], plan: BatchPlan(entries: []))
        } catch {
          exit(error.culprit == .later && !error.reason.contains("in use") ? 0 : 1)
        }
        exit(2)
      }
    }
  #endif

  @Test func failFastEndsWithTheFirstFailure() async throws {
    try inputs.put(bytes("nonsense"), "a.png")
    for index in 0..<10 { try inputs.put(try picture(), "b\(index).png") }
    let summary = try await run(failsFast: true)
    #expect(summary.counts.failed == 1 && summary.counts.released == 10)
    #expect(summary.exitCode == 1)
  }

  @Test func aFolderThatTakesNoFilesEndsTheRunAndIsReportedOnce() async throws {
    for index in 0..<20 { try inputs.put(try picture(), "\(index).png") }
    let away = outputs.path + "/away"
    let stopped = Counter()
    let job = Job(outputs: [try Job.Output("grayscale", root: away)])
    let processor = try FileProcessor(job, coder: InProcessCoder(), resources: Resources(threads: 2))
    let plan = try await BatchPlan(InputSelection(arguments: [bytes(inputs.path)]), job: job)
    #expect(rmdir(away) == 0)
    let summary = await BatchRunner(processor) { if case .stopping = $0 { _ = stopped.next() } }.run(plan)
    #expect(stopped.next() == 2, "said once")
    #expect(summary.counts.failed == 1 && summary.counts.released == 19)
    #expect(summary.exitCode == 73 && summary.failures[0].failure.reason.contains(away))
  }

  @Test func aFolderThatIsMovedAwayEndsTheRun() async throws {
    for index in 0..<20 { try inputs.put(try picture(seed: UInt64(index)), "\(index).png") }
    let (place, other) = (outputs.path + "/out", outputs.path + "/other")
    let stage = TaskStage { rename(place, other) == 0 || access(other, F_OK) == 0 }
    let pipeline = StagePipeline(steps: [StagePipeline.Step(name: "move", stage: stage)])
    let job = Job(outputs: [Job.Output(root: bytes(place), stages: pipeline, stageText: "move")])
    let processor = try FileProcessor(job, coder: InProcessCoder(), resources: Resources(threads: 2))
    let plan = try await BatchPlan(InputSelection(arguments: [bytes(inputs.path)]), job: job)
    let summary = await BatchRunner(processor).run(plan)
    #expect(summary.exitCode == 73 && summary.counts.failed == 1 && summary.counts.released == 19)
    #expect(summary.failures.first?.failure.reason.hasPrefix("\(place) was moved away") == true)
  }

  @Test func aStopLeavesWholeOutputsOrNone() async throws {
    for index in 0..<10 { try inputs.put(try picture(width: 200, height: 200), "\(index).png") }
    let stop = StopSignal()
    let summary = try await run("denoise", stop: stop) { event in
      if case .finished = event { stop.stop(.interrupted) }
    }
    #expect(summary.exitCode == 130)
    #expect(summary.counts.released >= 5 && summary.counts.done >= 1)
    #expect(try outputs.tree().count == summary.counts.done)
    #expect(try await run("denoise").exitCode == 0)
    #expect(try outputs.tree().count == 10)
  }

  @Test func eventsComeInOrderAndProgressEndsAtOne() async throws {
    for index in 0..<5 { try inputs.put(try picture(), "\(index).png") }
    let meter = BatchProgress()
    let log = Mutex<[String]>([])
    let summary = try await run { event in
      meter.note(event)
      let word =
        switch event {
        case .began: "began"
        case .started(let file): "start \(file)"
        case .progress: ""
        case .finished(let file, _): "finish \(file)"
        case .stopping: "stopping"
        }
      log.withLock { if !word.isEmpty { $0.append(word) } }
    }
    #expect(summary.counts.done == 5)
    let events = log.withLock { $0 }
    #expect(events.first == "began" && events.count == 11)
    for file in 0..<5 {
      let start = try #require(events.firstIndex(of: "start \(file)"))
      #expect(try #require(events.firstIndex(of: "finish \(file)")) > start)
    }
    let end = meter.snapshot()
    #expect(end.share == 1 && end.done == 5 && end.pixels == end.totalPixels && end.current.isEmpty)
    #expect(end.meter.rate(at: 1) != nil)
    // What was skipped says nothing of the pace.
    let again = BatchProgress()
    #expect(try await run { again.note($0) }.counts.skipped == 5)
    #expect(again.snapshot().share == 1 && again.snapshot().meter.rate(at: 1) == nil)
  }

  /// As deep after ten thousand events as after the first: the stack must not grow with them.
  @Test(.disabled(if: isAddressSanitized, "the sanitizer has stacks of its own"))
  func theObserversWayStaysShort() async throws {
    try inputs.put(try picture(), "a.png")
    let depths = Mutex<[Int]>([])
    let job = Job(outputs: [try Job.Output("grayscale", root: outputs.path)])
    var plan = try await BatchPlan(InputSelection(arguments: [bytes(inputs.path)]), job: job)
    plan.entries = Array(repeating: .skipped(plan.entries[0].input, "again"), count: 10_000)
    let processor = try FileProcessor(job, coder: InProcessCoder(), resources: Resources(threads: 1))
    let runner = BatchRunner(processor) { _ in
      var here = 0
      withUnsafePointer(to: &here) { place in depths.withLock { $0.append(Int(bitPattern: place)) } }
    }
    _ = await runner.run(plan)
    let places = depths.withLock { $0 }
    #expect(places.count == 10_001)
    // All but the first come from the same loop.
    #expect(abs(places[9_000] - places[100]) < 4096)
  }

  /// Who asks for much is not passed by those who ask for little and could be served before.
  @Test func aBudgetIsSharedInTheOrderOfAsking() async {
    let budget = Budget(10)
    await budget.acquire(9)
    let served = ThreadRecorder.Recorded()
    await withTaskGroup(of: Void.self) { group in
      for amount in [100, 1, 1] {
        // Runs at once, up to where it waits.
        group.addImmediateTask {
          await budget.acquire(amount)
          served.values.withLock { $0.append(amount) }
          budget.release(amount)
        }
      }
      #expect(served.values.withLock { $0 }.isEmpty, "one is free, and those who ask for one have come later")
      budget.release(9)
    }
    #expect(served.values.withLock { $0 } == [100, 1, 1])
  }

  /// A picture that fills the budget runs alone: what is in use never exceeds it.
  @Test func aBudgetIsNeverExceeded() async throws {
    let budget = Budget(10)
    let use = Use()
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<200 {
        group.addTask {
          let amount = index % 7 == 0 ? 100 : index % 4 + 1
          await budget.acquire(amount)
          use.add(min(amount, 10))
          await Task.yield()
          use.add(-min(amount, 10))
          budget.release(amount)
        }
      }
    }
    #expect(use.now == 0 && use.most == 10)
  }

  @Test func picturesGetTheMemoryThatThePlanLeaves() {
    func memory(_ total: Int, _ files: Int) -> Int { Resources(memory: total, files: files).memory.total }
    #expect(memory(500_000_000, 0) == 500_000_000)
    #expect(memory(500_000_000, 100_000) < 350_000_000)
    #expect(memory(500_000_000, 10_000_000) == 250_000_000)
    #expect(memory(1, 1000) == 1)
  }
}

private final class Use: Sendable {
  private let amounts = Mutex((now: 0, most: 0))

  func add(_ amount: Int) {
    amounts.withLock {
      $0.now += amount
      $0.most = max($0.most, $0.now)
    }
  }

  var now: Int { amounts.withLock { $0.now } }
  var most: Int { amounts.withLock { $0.most } }
}
