import Acuity
import Stages
import Synchronization

/// How long a batch will take, judged by a short trial.
package struct BatchForecast: Sendable {
  /// Per unit of work.
  package let secondsPerWork: Double

  /// Runs the job's stages for at most `limit` seconds on a made-up picture of the plan's smallest size.
  ///
  /// nil if there is nothing to do or the trial fails.
  package init?(_ plan: BatchPlan, _ job: Job, limit: Double = 2) async {
    guard let file = plan.files.filter({ $0.work > 0 }).min(by: { $0.work < $1.work }),
      let output = file.outputs.max(by: { $0.work < $1.work }), output.work > 0
    else { return nil }
    let image = Image(
      width: file.size.width, height: file.size.height, layout: file.layout,
      samples: .uint8(
        [UInt8](repeating: 128, count: file.size.width * file.size.height * file.layout.channels)))
    let meter = Trial()
    let start = ContinuousClock.now
    let context = StageContext(
      threads: job.threads, maxMemory: job.maxMemory, tile: job.tile,
      progress: { meter.note($0) },
      isCancelled: { (ContinuousClock.now - start) / .seconds(1) > limit })
    let result = try? await job.outputs[output.index].stages.process(image, context: context)
    let share = result == nil ? meter.share : 1
    guard share > 0 else { return nil }
    secondsPerWork = (ContinuousClock.now - start) / .seconds(1) / (share * output.work)
  }

  package func seconds(for work: Double) -> Double { work * secondsPerWork }
}

/// The largest share that was reported.
private final class Trial: Sendable {
  private let largest = Mutex(0.0)

  func note(_ share: Double) { largest.withLock { $0 = max($0, share) } }
  var share: Double { largest.withLock { $0 } }
}
