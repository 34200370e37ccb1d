import Acuity
import Batch
import Ledger
import Stages
import TestSupport
import Testing

/// A batch by models that are made of code.
@Suite struct ModelIdentityTests {
  /// Hands planes on as bicubic interpolation does, under a name of its own.
  private struct Twin: LumaModel {
    var multiplyAddsPerPixel: Int { 0 }
    var content: [UInt8] { Array("twin 1".utf8) }

    func enhance(
      size: Size, options: RunOptions, source: @escaping PlaneSource, sink: @escaping PlaneSink
    ) throws {
      try Bicubic().enhance(size: size, options: options, source: source, sink: sink)
    }
  }

  private let home: TemporaryFolder
  private let ledger: Ledger

  init() throws {
    home = try TemporaryFolder()
    ledger = try Ledger(path: home.path + "/ledger")
    try home.put(try picture(), "in/a.png")
  }

  /// `upscale` by the job's default model, so that the options are the same for all.
  private func job(_ model: String) throws -> Job {
    var registry = ModelRegistry.builtIn
    try registry.register(.init(name: "twin", summary: "") { _ in Twin() })
    let models = ModelLibrary(registry: registry, defaultModel: bytes(model))
    return Job(outputs: [
      try Job.Output(
        root: bytes(home.path + "/out"), stages: [StageRequest("upscale", [])], registry: .builtIn,
        environment: StageEnvironment(models: models))
    ])
  }

  private func run(_ job: Job) async throws -> BatchSummary {
    let processor = try FileProcessor(
      job, coder: InProcessCoder(), ledger: ledger, resources: Resources(threads: 1))
    let plan = try await BatchPlan(InputSelection(arguments: [bytes(home.path + "/in")]), job: job)
    return await BatchRunner(processor).run(plan)
  }

  @Test func `the ledger tells models apart that have no weights`() async throws {
    let jobs = try ["bicubic", "twin", "fast"].map(job)
    #expect(Set(jobs.map { $0.outputs[0].modelDigest }).count == 3)
    #expect(Set(jobs.map { $0.optionsDigest(0) }).count == 1)
    for job in jobs {
      let first = try await run(job)
      #expect(first.outcomes.first?.result.isDone == true, "\(first.outcomes)")
      let again = try await run(job)
      #expect(again.outcomes.first?.result.isDone == false, "\(again.outcomes)")
    }
  }

  @Test func `a batch without a network has a time that can be foretold`() async throws {
    let job = try job("bicubic")
    let plan = try await BatchPlan(InputSelection(arguments: [bytes(home.path + "/in")]), job: job)
    let forecast = try #require(await BatchForecast(plan, job))
    let seconds = forecast.seconds(for: plan.files.reduce(0) { $0 + $1.work })
    #expect(seconds.isFinite && seconds > 0)
  }
}

extension FileOutcome.Result {
  fileprivate var isDone: Bool { if case .done = self { true } else { false } }
}
