import Dispatch
import Synchronization

/// Bands of tasks computed by several threads, each band close behind the one above it.
///
/// A task is a chunk of a band, done in phases. A thread takes the next band and works through its chunks; before each
/// phase it waits until the band above has done the same phase of the same chunk. Bands are taken in order, so whoever
/// is waited for is running: no schedule can deadlock, and any number of threads gives the same result. The last of T
/// threads starts T - 1 phases after the first, and they end together but for about a block of rows: see `Bands`.
final class Wavefront: Sendable {
  private let bands: Bands
  private let chunks: Range<Int>
  private let phases: Int
  private let taken: Mutex<[Band]>
  private let rowsDone = Tally()
  private let stopped = Atomic<Bool>(false)

  private final class Band: Sendable {
    let rows: Range<Int>
    /// Over all of its chunks.
    let phasesDone = Atomic<Int>(0)

    init(_ rows: Range<Int>) { self.rows = rows }
  }

  init(bands: Bands, chunks: Range<Int>, phases: Int) {
    self.bands = bands
    self.chunks = chunks
    self.phases = phases
    taken = Mutex([])
  }

  /// Runs on several threads, each of which gets a function that walks the bands which fall to it.
  ///
  /// - Parameters:
  ///   - threads: at most; no more run at a time than there are cores.
  ///   - progress: told the share that is done after each task, one call at a time and never with less than before.
  ///   - isCancelled: asked before each task, from any thread; true ends the work.
  ///   - worker: called on each thread.
  /// - Returns: false if `isCancelled` ended it early.
  func run(
    threads: Int, progress: (@Sendable (_ share: Double) -> Void)?, isCancelled: (@Sendable () -> Bool)?,
    worker:
      @Sendable (
        _ walk: (_ work: (_ band: Range<Int>, _ chunk: Int, _ phase: Int) -> Void) -> Void
      ) -> Void
  ) -> Bool {
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      // Threads beyond the bands or the cores come too late to find any, and need no memory of their own.
      guard taken.withLock({ $0.last?.rows.upperBound != bands.rows.upperBound }) else { return }
      worker { walk(progress: progress, isCancelled: isCancelled, work: $0) }
    }
    return !stopped.load(ordering: .relaxed)
  }

  /// The share of one thread: takes bands until there are none left.
  func walk(
    progress: (@Sendable (_ share: Double) -> Void)?, isCancelled: (@Sendable () -> Bool)?,
    work: (_ band: Range<Int>, _ chunk: Int, _ phase: Int) -> Void
  ) {
    while let (band, above) = take() {
      var done = 0
      for chunk in chunks {
        guard !checkCancelled(isCancelled) else { return }
        for phase in 0..<phases {
          guard wait(for: above, toPass: done) else { return }
          work(band.rows, chunk, phase)
          done += 1
          band.phasesDone.store(done, ordering: .releasing)
        }
        if let progress {
          let all = Double(bands.rows.count * chunks.count)
          rowsDone.add(band.rows.count) { progress(Double($0) / all) }
        }
      }
    }
  }

  /// The next band and the one above it; nil if there are none left.
  private func take() -> (band: Band, above: Band?)? {
    taken.withLock { taken in
      let above = taken.last
      let start = above?.rows.upperBound ?? bands.rows.lowerBound
      guard start < bands.rows.upperBound else { return nil }
      // The one above is kept, finished or not, for its rows.
      taken.removeAll { $0 !== above && left(of: $0) == 0 }
      let underWay = taken.reduce(0) { $0 + left(of: $1) }
      let band = Band(bands.next(from: start, underWay: underWay))
      taken.append(band)
      return (band, above)
    }
  }

  /// Work that is still to be done of a band.
  private func left(of band: Band) -> Double {
    let all = chunks.count * phases
    let left = all - band.phasesDone.load(ordering: .relaxed)
    return Double(bands.work(in: band.rows)) * Double(left) / Double(all)
  }

  private func checkCancelled(_ isCancelled: (@Sendable () -> Bool)?) -> Bool {
    if stopped.load(ordering: .relaxed) { return true }
    guard let isCancelled, isCancelled() else { return false }
    stopped.store(true, ordering: .relaxed)
    return true
  }

  /// False if the work was stopped meanwhile.
  private func wait(for above: Band?, toPass done: Int) -> Bool {
    guard let above else { return true }
    spin { above.phasesDone.load(ordering: .acquiring) > done || stopped.load(ordering: .relaxed) }
    return !stopped.load(ordering: .relaxed)
  }
}
