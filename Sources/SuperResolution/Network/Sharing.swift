import Dispatch
import Synchronization

/// Runs `body` for every index below `count` on no more than so many threads, each taking the next one that is left.
///
/// - Parameters:
///   - count: of the indices.
///   - threads: at most.
///   - isCancelled: asked before each index, from any thread; true ends the work.
///   - progress: called with the share that is done after each index, one call at a time and never with less than before.
///   - body: is given the index and the number of the thread, whose own things nobody else uses meanwhile.
/// - Returns: false if `isCancelled` ended it early.
@discardableResult
package func share(
  _ count: Int, among threads: Int, isCancelled: (@Sendable () -> Bool)? = nil,
  progress: (@Sendable (Double) -> Void)? = nil, _ body: (_ index: Int, _ thread: Int) -> Void
) -> Bool {
  let next = Atomic(0)
  let done = Tally()
  let isStopped = Atomic(false)
  nonisolated(unsafe) let body = body
  DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { thread in
    while !isStopped.load(ordering: .relaxed) {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if index >= count { return }
      if isCancelled?() == true {
        isStopped.store(true, ordering: .relaxed)
        return
      }
      body(index, thread)
      if let progress { done.add { progress(Double($0) / Double(count)) } }
    }
  }
  return !isStopped.load(ordering: .relaxed)
}

/// Gives `body` a question that any thread may ask until it returns: whether `isCancelled` says so or the current task, which
/// waits meanwhile, is cancelled.
package func withCancellation<Result>(
  _ isCancelled: (@Sendable () -> Bool)?, _ body: (@escaping @Sendable () -> Bool) throws -> Result
) rethrows -> Result {
  try withUnsafeCurrentTask { current in
    // The task's cancellation is not visible from other threads by itself.
    let task = current.map { TaskHandle(task: $0) }
    return try body { task?.task.isCancelled == true || isCancelled?() == true }
  }
}

/// The running task, asked from other threads while the task itself waits for them.
private struct TaskHandle: @unchecked Sendable {
  let task: UnsafeCurrentTask
}
