import Dispatch
import Synchronization

/// Runs `body` for every index below `count` on no more than so many threads, each taking the next one that is left.
///
/// The one place where this module starts threads, so that a bound on them holds everywhere.
///
/// - Parameters:
///   - count: of the indices.
///   - threads: at most.
///   - body: is given the index and the number of the thread, whose own things nobody else uses meanwhile.
func share(_ count: Int, among threads: Int, _ body: (_ index: Int, _ thread: Int) -> Void) {
  let next = Atomic(0)
  nonisolated(unsafe) let body = body
  DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { thread in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if index >= count { return }
      body(index, thread)
    }
  }
}
