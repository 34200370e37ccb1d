import Dispatch
import Synchronization

/// Bands of tasks computed by several threads, each band close behind the one above it.
///
/// A task is a chunk of a band, done in phases. A thread takes the next band and works through its chunks; before each
/// phase it waits until the band above has done the same phase of the same chunk. Bands are taken in order, so whoever
/// is waited for is running: no schedule can deadlock, and any number of threads gives the same result. The last of T
/// threads starts T - 1 phases after the first; what is lost beside them is that bands may not divide by the threads.
final class Wavefront: Sendable {
  private let bands: Range<Int>
  private let chunks: Range<Int>
  private let phases: Int
  private let nextBand: Atomic<Int>
  /// Of each band, over all of its chunks.
  private let phasesDone: [Counter]
  private let tasksDone = Tally()
  private let stopped = Atomic<Bool>(false)

  /// An atomic that an array can hold.
  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
  }

  init(bands: Range<Int>, chunks: Range<Int>, phases: Int) {
    self.bands = bands
    self.chunks = chunks
    self.phases = phases
    nextBand = Atomic(bands.lowerBound)
    phasesDone = bands.map { _ in Counter() }
  }

  /// Runs on `threads` threads; `worker` is called on each, with a function that walks the bands which fall to it.
  /// - Returns: false if `isCancelled` ended it early.
  func run(
    threads: Int, progress: (@Sendable (_ tasksDone: Int) -> Void)?, isCancelled: (@Sendable () -> Bool)?,
    worker:
      @Sendable (
        _ walk: (_ work: (_ band: Int, _ chunk: Int, _ phase: Int) -> Void) -> Void
      ) -> Void
  ) -> Bool {
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      // Threads beyond the bands or the cores come too late to find any, and need no memory of their own.
      guard nextBand.load(ordering: .relaxed) < bands.upperBound else { return }
      worker { walk(progress: progress, isCancelled: isCancelled, work: $0) }
    }
    return !stopped.load(ordering: .relaxed)
  }

  /// The share of one thread: takes bands until there are none left.
  func walk(
    progress: (@Sendable (_ tasksDone: Int) -> Void)?, isCancelled: (@Sendable () -> Bool)?,
    work: (_ band: Int, _ chunk: Int, _ phase: Int) -> Void
  ) {
    while true {
      let band = nextBand.wrappingAdd(1, ordering: .relaxed).oldValue
      guard band < bands.upperBound else { return }
      let index = band - bands.lowerBound
      let above = index > 0 ? phasesDone[index - 1] : nil
      var done = 0
      for chunk in chunks {
        guard !checkCancelled(isCancelled) else { return }
        for phase in 0..<phases {
          guard wait(for: above, toPass: done) else { return }
          work(band, chunk, phase)
          done += 1
          phasesDone[index].value.store(done, ordering: .releasing)
        }
        if let progress { tasksDone.add(progress) }
      }
    }
  }

  private func checkCancelled(_ isCancelled: (@Sendable () -> Bool)?) -> Bool {
    if stopped.load(ordering: .relaxed) { return true }
    guard let isCancelled, isCancelled() else { return false }
    stopped.store(true, ordering: .relaxed)
    return true
  }

  /// False if the work was stopped meanwhile.
  private func wait(for above: Counter?, toPass done: Int) -> Bool {
    guard let above else { return true }
    spin { above.value.load(ordering: .acquiring) > done || stopped.load(ordering: .relaxed) }
    return !stopped.load(ordering: .relaxed)
  }
}
