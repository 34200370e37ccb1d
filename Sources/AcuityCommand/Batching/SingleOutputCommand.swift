import Acuity
import ArgumentParser
import Batch
import Stages

/// A command that makes one output of each picture, by a size or by stages: `acuity upscale` and `acuity watch`.
protocol SingleOutputCommand: ParsableCommand {
  var target: TargetOptions { get }
  /// Stages instead of plain enlarging.
  var stages: String? { get }
  var engine: EngineOptions { get }
  var compute: ComputeOptions { get }
  var memory: MemoryOptions { get }
  var plugIns: PlugInOptions { get }
  var writing: WritingOptions { get }
  /// See `JobSetting.Spelling`.
  static func spelling(of setting: JobSetting, values: [String]) -> String?
}

extension SingleOutputCommand {
  /// Refuses a size beside stages, which say it themselves.
  func validateStages() throws {
    if stages != nil && target.isGiven {
      throw ValidationError("--stages says the size by itself, as in --stages upscale:scale=2")
    }
  }

  static func spelling(of setting: JobSetting, values: [String]) -> String? { setting.option(values) }

  /// The job that the options ask for, but for how pictures are read; its outputs go to the folder `root`, in the input's
  /// format if none is given.
  func job(root: [UInt8], name: NamePattern, format: ImageFormat?) throws -> Job {
    let requests = engine.applied(
      to: try stages.map { try StageRequest.parse($0) } ?? [StageRequest(Upscale.name, try target.settings())]
    )
    let models = try engine.models(compute.isa)
    var output = try Job.Output(
      root: root, stages: requests, registry: try plugIns.registry(),
      environment: StageEnvironment(models: models))
    try models.checkDefault()
    output.name = name
    output.format = format
    writing.apply(to: &output)
    var job = Job(outputs: [output])
    job.threads = compute.threads
    job.maxMemory = memory.maxMemory?.bytes
    job.tile = memory.tile
    job.instructionSet = InstructionSet.named(compute.isa)
    job.spelling = { Self.spelling(of: $0, values: $1) }
    writing.apply(to: &job)
    return job
  }
}
