package import Acuity
import Folders
import Ledger
package import Stages
import Yams

/// A job in a file, in YAML: what to read, which stages to run, which outputs to make of each picture.
///
///     inputs: [photos]
///     recursive: true
///     outputs:
///       - folder: out/2x
///         stages: upscale:scale=2
///         format: png
///       - folder: out/4x
///         stages:
///           - upscale: {scale: 4}
///           - sharpen: {amount: 0.3}
///         format: webp
///         quality: 90
///
/// Relative paths start from the job file's folder, so that a job does the same wherever it is started.
package struct JobFile: Sendable {
  package var selection: InputSelection
  /// Lists of further inputs, a path a line. Relative names in them start from the working directory, as in the command's
  /// own lists.
  package var filesFrom: [[UInt8]] = []
  /// Plug-ins, or folders of them, to load before the stages are made.
  package var plugIns: [[UInt8]]
  package var outputs: [Output]
  package var limits = Limits()
  package var reading = ReadOptions()
  package var ifExists: Job.ExistingOutput?
  package var verification: Job.Verification?
  package var keepsModificationTime = false
  package var keepsPermissions = false
  package var threads: Int?
  package var maxMemory: Int?
  package var tile: Int?
  /// The folder that relative paths start from.
  package let folder: [UInt8]
  /// The job file's own name, escaped, for messages.
  package internal(set) var name = ""

  /// One output of every input.
  package struct Output: Sendable {
    package var root: [UInt8]
    package var name: NamePattern
    package var format: ImageFormat?
    package var encoding: EncodeOptions
    package var keepsLossless: Bool
    package var recordsProvenance = false
    var stages: [LocatedRequest]
  }

  /// A stage as it stands in the file, and where.
  struct LocatedRequest: Sendable {
    var request: StageRequest
    var line: Int?
    var column: Int?

    func error(_ error: any Error, in file: String) -> JobFileError {
      var result = JobFileError(line: line, column: column, "\(error)")
      result.file = file
      return result
    }
  }
}

extension JobFile {
  /// Replaces the stages of every output; the new ones stand for the old ones one by one.
  package mutating func mapStages(_ transform: ([StageRequest]) -> [StageRequest]) {
    for output in outputs.indices {
      let requests = transform(outputs[output].stages.map(\.request))
      precondition(requests.count == outputs[output].stages.count)
      for (index, request) in requests.enumerated() { outputs[output].stages[index].request = request }
    }
  }

  /// The job, with every stage made.
  ///
  /// - Throws: `JobFileError` for a stage that there isn't, or options that it doesn't take; `ModelError`.
  package func job(registry: StageRegistry, environment: StageEnvironment) throws -> Job {
    var environment = environment
    environment.baseDirectory = folder
    // All are checked before the first is made, which may load a model.
    for stage in outputs.flatMap(\.stages) {
      do { _ = try registry.check(stage.request) } catch { throw stage.error(error, in: name) }
    }
    var job = Job(outputs: [])
    for output in outputs {
      var steps: [StagePipeline.Step] = []
      for stage in output.stages {
        do {
          steps += try registry.pipeline([stage.request], environment: environment).steps
        } catch let error as StageError {
          throw stage.error(error, in: name)
        }
      }
      let pipeline = StagePipeline(steps: steps)
      let requests = output.stages.map(\.request)
      var planned = Job.Output(
        root: output.root, name: output.name, stages: pipeline,
        stageText: requests.map(\.description).joined(separator: ","),
        scaleText: Job.Output.scaleText(of: requests), format: output.format, encoding: output.encoding)
      planned.keepsLossless = output.keepsLossless
      planned.recordsProvenance = output.recordsProvenance
      job.outputs.append(planned)
    }
    job.limits = limits
    job.reading = reading
    job.ifExists = ifExists ?? job.ifExists
    job.verification = verification ?? job.verification
    job.keepsModificationTime = keepsModificationTime
    job.keepsPermissions = keepsPermissions
    job.threads = threads
    job.maxMemory = maxMemory
    job.tile = tile
    return job
  }
}
