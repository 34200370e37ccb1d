import Dispatch

/// Threads for work that keeps them busy for minutes. Swift's own pool has one for each core; on a machine with one,
/// a picture in computation would hold up the watcher, its signals and its clock.
final class WorkExecutor: TaskExecutor {
  #if canImport(Darwin)
    private let queue = DispatchQueue(label: "acuity.watch.work", attributes: .concurrent)
  #else
    // Elsewhere Swift's pool is that of Dispatch's queues of the usual quality, which has as many threads as there are
    // cores: a picture on all of them would hold up the watcher all the same.
    private let queue = DispatchQueue(label: "acuity.watch.work", qos: .utility, attributes: .concurrent)
  #endif

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedTaskExecutor()
    queue.async { job.runSynchronously(on: executor) }
  }
}
