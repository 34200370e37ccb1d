import Acuity
package import Folders
import Foundation
import Ledger
import Synchronization

/// Writes a batch's events as one JSON object a line to a descriptor that somebody reads.
///
/// Every line has its `event` and its `time`, in seconds since 1970; beside these:
///
/// | event | with |
/// |---|---|
/// | `begin` | `files`, the number of inputs; `pixels` of all outputs |
/// | `start` | `file` |
/// | `progress` | `file`, `share` of it that is done, 0 to 1; for the whole run `done`, `failed`, `skipped`, `runShare`, and `eta`, the seconds left, once they can be told |
/// | `done` | `file`, `outputs`, `seconds` of computing; `reason` where an input is damaged: what is wrong with it |
/// | `skip`, `fail`, `release` | `file`, `reason`, `outputs` if some were made before; a failure also its `culprit` (`Failure.Culprit`) and the exit `code` that goes with it |
/// | each of these four | `doubt` where an output was kept that may not be good: why |
/// | `stop` | `reason` why no further file is begun |
/// | `end` | how many files are `done`, `skipped`, `failed`, `released`; `seconds`; the exit `code` |
///
/// An output has `path`, `width` and `height` in pixels, `format`, `bytes`, and `sha256` in hexadecimal. The path is that from where
/// the run was started. File names have control characters and bytes that are no UTF-8 escaped, so that every name can be had back.
/// A reader that goes away is no failure of the batch: the events end. Another error is kept for whoever asked for them.
package final class EventWriter: Sendable {
  private let descriptor: Int32
  private let job: Job
  private let meter: BatchProgress
  private let state = Mutex(State())

  private struct State {
    var labels: [String] = []
    var lastProgress: ContinuousClock.Instant?
    var isBroken = false
    var failure: FileError?
  }

  /// At least this long between two lines of progress.
  private static let interval = Duration.milliseconds(200)

  /// The descriptor is not closed, and not handed to other processes. The meter must have noted an event before.
  ///
  /// - Throws: when it is not open for writing.
  package init(descriptor: Int32, job: Job, meter: BatchProgress) throws(FileError) {
    self.descriptor = descriptor
    self.job = job
    self.meter = meter
    try Descriptor.keepPrivate(descriptor)
  }

  /// Why events are missing, if it is not that nobody read them any more.
  package var failure: FileError? { state.withLock { $0.failure } }

  private struct Line: Encodable {
    var event: String
    var time = (Date().timeIntervalSince1970 * 1000).rounded() / 1000
    var file: String?
    var files: Int?
    var pixels: Int?
    var share: Double?
    var runShare: Double?
    var eta: Double?
    var done: Int?
    var skipped: Int?
    var failed: Int?
    var released: Int?
    var seconds: Double?
    var reason: String?
    var doubt: String?
    var culprit: String?
    var code: Int32?
    var outputs: [Output]?

    struct Output: Encodable {
      var path: String
      var width: Int
      var height: Int
      var format: String
      var bytes: Int
      var sha256: String?
    }

    init(_ event: String) {
      self.event = event
    }
  }

  package func note(_ event: BatchEvent) {
    state.withLock { state in
      if case .began(let plan) = event { state.labels = plan.entries.map(\.input.label) }
      if let line = line(event, &state) { write(line, &state) }
    }
  }

  /// Writes the last line, once all is written whose loss its `code` would tell of.
  package func end(_ summary: BatchSummary) {
    var line = Line("end")
    let counts = summary.counts
    (line.done, line.skipped) = (counts.done, counts.skipped)
    (line.failed, line.released) = (counts.failed, counts.released)
    line.seconds = summary.seconds
    line.code = summary.exitCode
    state.withLock { write(line, &$0) }
  }

  private func write(_ line: Line, _ state: inout State) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard !state.isBroken, let data = try? encoder.encode(line) else { return }
    do throws(FileError) {
      try Descriptor.write(Array(data) + [UInt8(ascii: "\n")], to: descriptor)
    } catch {
      state.isBroken = true
      if !error.isLackOfReader { state.failure = error }
    }
  }

  private func line(_ event: BatchEvent, _ state: inout State) -> Line? {
    switch event {
    case .began(let plan):
      var line = Line("begin")
      line.files = plan.entries.count
      line.pixels = plan.files.reduce(0) { $0 + $1.outputPixels }
      return line
    case .started(let index):
      var line = Line("start")
      line.file = state.labels[index]
      return line
    case .progress(let index, let share):
      let now = ContinuousClock.now
      if let last = state.lastProgress, now - last < Self.interval { return nil }
      state.lastProgress = now
      let whole = meter.snapshot()
      var line = Line("progress")
      line.file = state.labels[index]
      line.share = share
      line.runShare = whole.share
      line.eta = whole.remaining
      (line.done, line.skipped, line.failed) = (whole.done, whole.skipped, whole.failed)
      return line
    case .finished(let index, let outcome):
      var line: Line
      switch outcome.result {
      case .done:
        line = Line("done")
        line.seconds = outcome.times.computing
        line.reason = outcome.damage
      case .skipped(let reason):
        line = Line("skip")
        line.reason = reason
      case .failed(let failure):
        line = Line("fail")
        line.reason = failure.reason
        line.culprit = failure.culprit.rawValue
        line.code = failure.culprit.exitCode
      case .released(let reason):
        line = Line("release")
        line.reason = reason
      }
      line.file = state.labels[index]
      line.doubt = outcome.doubt
      if !outcome.outputs.isEmpty {
        line.outputs = outcome.outputs.map { output in
          Line.Output(
            path: escaped(outputPath(output, of: job)), width: output.size.width, height: output.size.height,
            format: output.format.name, bytes: output.byteCount, sha256: output.digest?.description)
        }
      }
      return line
    case .stopping(let reason):
      var line = Line("stop")
      line.reason = reason
      return line
    }
  }
}
