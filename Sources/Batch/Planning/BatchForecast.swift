import Acuity
import Stages
import Synchronization

/// How long a batch will take, judged by a short trial.
package struct BatchForecast: Sendable {
  /// Per unit of work.
  package let secondsPerWork: Double

  /// Runs the job's stages for `limit` seconds, or until they tell of a first piece of their work, on a made-up picture of
  /// the size of one in the plan.
  ///
  /// nil if there is nothing to do or the trial fails.
  package init?(
    _ plan: BatchPlan, _ job: Job, limit: Double = 2, isCancelled: (@Sendable () -> Bool)? = nil
  ) async {
    guard let file = Self.example(of: plan), let output = file.outputs.max(by: { $0.work < $1.work }) else {
      return nil
    }
    let image = Image(
      width: file.size.width, height: file.size.height, layout: file.layout,
      samples: .uint8(
        [UInt8](repeating: 128, count: file.size.width * file.size.height * file.layout.channels)))
    let meter = Trial()
    let start = ContinuousClock.now
    let context = StageContext(
      threads: job.threads, maxMemory: job.maxMemory, tile: job.tile,
      progress: { meter.note($0) },
      isCancelled: {
        isCancelled?() == true || (meter.share > 0 && (ContinuousClock.now - start) / .seconds(1) > limit)
      })
    let result = try? await job.outputs[output.index].stages.process(image, context: context)
    let share = result == nil ? meter.share : 1
    guard share > 0 else { return nil }
    secondsPerWork = (ContinuousClock.now - start) / .seconds(1) / (share * output.work)
  }

  /// The file that stands for all: as much of the work is in smaller ones as in larger. A small picture costs several times
  /// as much for its size, so that an icon among photographs says nothing of them. It holds little memory, if there is one
  /// that does.
  package static func example(of plan: BatchPlan) -> PlannedFile? {
    let all = plan.files.filter { $0.work > 0 }.sorted { $0.work < $1.work }
    let small = all.filter { $0.memory <= most }
    let files = small.isEmpty ? Array(all.prefix(1)) : small
    var rest = files.reduce(0) { $0 + $1.work } / 2
    return files.first { file in
      rest -= file.work
      return rest <= 0
    }
  }

  private static let most = 256 << 20

  package func seconds(for work: Double) -> Double { work * secondsPerWork }
}

/// The largest share that was reported.
private final class Trial: Sendable {
  private let largest = Mutex(0.0)

  func note(_ share: Double) { largest.withLock { $0 = max($0, share) } }
  var share: Double { largest.withLock { $0 } }
}
