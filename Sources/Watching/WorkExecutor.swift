import Dispatch

/// Threads for work that keeps them busy for minutes. Swift's own pool has one for each core; on a machine with one,
/// a picture in computation would hold up the watcher, its signals and its clock.
final class WorkExecutor: TaskExecutor {
  private let queue = DispatchQueue(label: "acuity.watch.work", attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedTaskExecutor()
    queue.async { job.runSynchronously(on: executor) }
  }
}
