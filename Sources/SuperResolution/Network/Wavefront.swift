import Dispatch
import Synchronization

/// Bands of tasks computed by several threads, each band close behind the one above it.
///
/// A thread takes the next band and works through its chunks; before each it waits until the band above has done the
/// same chunk. Bands are taken in order, so whoever is waited for is running: no schedule can deadlock, and any number
/// of threads gives the same result. With B bands of C chunks on T <= C threads, the last thread starts T - 1 chunks
/// after the first: of B * C / T chunks' time, about T are lost, besides waits where tasks differ in length.
final class Wavefront: Sendable {
  private let bands: Range<Int>
  private let chunks: Range<Int>
  private let nextBand: Atomic<Int>
  private let chunksDone: [Counter]
  private let tasksDone = Tally()
  private let stopped = Atomic<Bool>(false)

  /// An atomic that an array can hold.
  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
  }

  init(bands: Range<Int>, chunks: Range<Int>) {
    self.bands = bands
    self.chunks = chunks
    nextBand = Atomic(bands.lowerBound)
    chunksDone = bands.map { _ in Counter() }
  }

  /// Runs on `threads` threads; `worker` is called on each, with a function that walks the bands which fall to it.
  /// - Returns: false if `isCancelled` ended it early.
  func run(
    threads: Int, progress: (@Sendable (_ tasksDone: Int) -> Void)?, isCancelled: (@Sendable () -> Bool)?,
    worker:
      @Sendable (_ walk: (_ beginBand: () -> Void, _ task: (_ band: Int, _ chunk: Int) -> Void) -> Void)
      -> Void
  ) -> Bool {
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      // Threads beyond the bands or the cores come too late to find any, and need no memory of their own.
      guard nextBand.load(ordering: .relaxed) < bands.upperBound else { return }
      worker { walk(progress: progress, isCancelled: isCancelled, beginBand: $0, task: $1) }
    }
    return !stopped.load(ordering: .relaxed)
  }

  /// The share of one thread: takes bands until there are none left.
  func walk(
    progress: (@Sendable (_ tasksDone: Int) -> Void)?, isCancelled: (@Sendable () -> Bool)?,
    beginBand: () -> Void, task: (_ band: Int, _ chunk: Int) -> Void
  ) {
    while true {
      let band = nextBand.wrappingAdd(1, ordering: .relaxed).oldValue
      guard band < bands.upperBound else { return }
      beginBand()
      for chunk in chunks {
        guard waitForBandAbove(band, chunk), !checkCancelled(isCancelled) else { return }
        task(band, chunk)
        chunksDone[band - bands.lowerBound].value.store(
          chunk - chunks.lowerBound + 1, ordering: .releasing)
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
  private func waitForBandAbove(_ band: Int, _ chunk: Int) -> Bool {
    guard band > bands.lowerBound else { return true }
    let above = chunksDone[band - 1 - bands.lowerBound]
    spin {
      stopped.load(ordering: .relaxed) || above.value.load(ordering: .acquiring) > chunk - chunks.lowerBound
    }
    return !stopped.load(ordering: .relaxed)
  }
}
