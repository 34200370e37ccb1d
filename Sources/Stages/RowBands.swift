import Dispatch
import Pixels
import SuperResolution
import Synchronization

extension StageContext {
  /// Calls `body` once for every band of rows of a picture, spread over the context's threads.
  ///
  /// Bands have a fixed height, so that what a band computes doesn't depend on the thread count.
  /// - Throws: `CancellationError` between bands.
  func forEachBand(rows: Int, height band: Int = 32, _ body: @Sendable (Range<Int>) -> Void) throws {
    let count = (rows + band - 1) / band
    let next = Atomic<Int>(0)
    let done = Tally()
    let stopped = Atomic<Bool>(false)
    let workers = min(threads, count)
    withUnsafeCurrentTask { current in
      // The task's cancellation isn't visible from the queue's threads by itself.
      let task = current.map { TaskHandle($0) }
      @Sendable func work(_ worker: Int) {
        while !stopped.load(ordering: .relaxed) {
          let index = next.add(1, ordering: .relaxed).oldValue
          guard index < count else { return }
          if isCancelled?() == true || task?.isCancelled == true {
            stopped.store(true, ordering: .relaxed)
            return
          }
          body(index * band..<min(rows, (index + 1) * band))
          if let progress { done.add { progress(Double($0) / Double(count)) } }
        }
      }
      if workers <= 1 { work(0) } else { DispatchQueue.concurrentPerform(iterations: workers, execute: work) }
    }
    if stopped.load(ordering: .relaxed) { throw CancellationError() }
  }
}

/// The running task, asked from other threads while the task itself waits for them.
private struct TaskHandle: @unchecked Sendable {
  private let task: UnsafeCurrentTask
  init(_ task: UnsafeCurrentTask) { self.task = task }
  var isCancelled: Bool { task.isCancelled }
}
