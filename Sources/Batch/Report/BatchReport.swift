import Acuity
import Folders
package import Foundation
import Ledger

/// What became of a batch, for people and for programs: one HTML page that needs nothing else, JSON, and CSV.
///
/// File names are bytes. JSON has each of them twice, as escaped text and in base64; `escaped(_:)` can be reversed too.
package struct BatchReport: Sendable, Encodable {
  /// Raised when a key changes its meaning or goes.
  let version = 1
  /// Of the program.
  let acuity = acuityVersion
  let title: String
  let started: Date
  let seconds: Double
  let exitCode: Int32
  /// Why the run ended before its work was done.
  let stopReason: String?
  let counts: Counts
  /// Of all outputs made.
  let outputPixels: Int
  /// Millions of output pixels a second, over the whole run.
  let megapixelsPerSecond: Double
  /// The stages of each of the job's outputs, as text.
  let stages: [String]
  /// The digests of the weights of each, as `--provenance` writes them: a name does not tell which weights it stood for. null: none.
  let weights: [String?]
  let files: [File]

  struct Counts: Sendable, Encodable {
    let files: Int
    let done: Int
    let skipped: Int
    let failed: Int
    /// Not begun or given back, because the run was stopped.
    let released: Int
  }

  /// An input.
  struct File: Sendable, Encodable {
    enum Result: String, Sendable, Encodable, CaseIterable {
      case done
      case skipped
      case failed
      case released
    }

    let input: String
    let inputBase64: String
    let result: Result
    /// Of everything but `done`; of that, what is wrong with an input that was taken as far as it decodes.
    let reason: String?
    /// Why an output that was kept may not be good.
    let doubt: String?
    /// Whose matter a failure is.
    let culprit: String?
    let width: Int?
    let height: Int?
    /// Of the input file.
    let bytes: Int
    let outputs: [Output]
    let seconds: Seconds
  }

  struct Output: Sendable, Encodable {
    let path: String
    let pathBase64: String
    let width: Int
    let height: Int
    let format: String
    let bytes: Int
    let sha256: String?
    /// The output of an equal input was copied.
    let isCopy: Bool
  }

  struct Seconds: Sendable, Encodable {
    let reading: Double
    let decoding: Double
    let computing: Double
    let encoding: Double
    let writing: Double
  }
}

extension BatchReport {
  /// - Parameters:
  ///   - summary: how the batch ended.
  ///   - job: what was asked for.
  ///   - title: what the report is called, such as the command line.
  ///   - started: when the run began.
  package init(_ summary: BatchSummary, job: Job, title: String, started: Date) {
    self.title = title
    self.started = started
    seconds = summary.seconds
    exitCode = summary.exitCode
    stopReason =
      switch summary.stopReason {
      case .interrupted: "interrupted"
      case .diskFull: "the disk is full"
      case .unwritable: "an output folder takes no files"
      case .failure: "a failure, and the run was told to end at the first"
      case nil: nil
      }
    let counts = summary.counts
    self.counts = Counts(
      files: summary.outcomes.count, done: counts.done, skipped: counts.skipped, failed: counts.failed,
      released: counts.released)
    outputPixels = summary.outputPixels
    megapixelsPerSecond = seconds > 0 ? Double(outputPixels) / 1e6 / seconds : 0
    stages = job.outputs.map(\.stageText)
    weights = job.outputs.map(\.weightsDigests)
    files = summary.outcomes.map { File($0, job: job) }
  }
}

extension BatchReport.File {
  fileprivate init(_ outcome: FileOutcome, job: Job) {
    input = outcome.input.label
    // The label is escaped bytes; where it isn't, it's its own bytes.
    inputBase64 = Data(unescaped(input) ?? Array(input.utf8)).base64EncodedString()
    switch outcome.result {
    case .done: (result, reason, culprit) = (.done, outcome.damage.map { "damaged: \($0)" }, nil)
    case .skipped(let text): (result, reason, culprit) = (.skipped, text, nil)
    case .failed(let failure):
      (result, reason, culprit) = (.failed, failure.reason, failure.culprit.rawValue)
    case .released(let text): (result, reason, culprit) = (.released, text, nil)
    }
    doubt = outcome.doubt
    width = outcome.size?.width
    height = outcome.size?.height
    bytes = outcome.byteCount
    outputs = outcome.outputs.map { output in
      let path = outputPath(output, of: job)
      return BatchReport.Output(
        path: escaped(path), pathBase64: Data(path).base64EncodedString(), width: output.size.width,
        height: output.size.height, format: output.format.name, bytes: output.byteCount,
        sha256: output.digest?.description, isCopy: output.isCopy)
    }
    let times = outcome.times
    seconds = BatchReport.Seconds(
      reading: times.reading, decoding: times.decoding, computing: times.computing,
      encoding: times.encoding, writing: times.writing)
  }
}

/// Where an output lies, its root as the job names it and its path below, or what the only one is called.
func outputPath(_ output: FileOutcome.Output, of job: Job) -> [UInt8] {
  if let label = job.outputs[output.index].label { return Array(label.utf8) }
  let root = job.outputs[output.index].root
  let slash = UInt8(ascii: "/")
  return root + (root.last == slash ? [] : [slash]) + output.path.bytes
}
