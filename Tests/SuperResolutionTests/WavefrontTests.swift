import Foundation
import Synchronization
import Testing

@testable import SuperResolution

@Suite("Wavefronts") struct WavefrontTests {
  /// Bands of so many rows but for the first and the last ones, for so many threads.
  private static func bands(length: Int, threads: Int, tallest: Int = 12) -> Bands {
    let blocks = [1, 1, 6, 6, 1]
    let axis = SkewedAxis(
      length: length, output: 0..<length, blocks: blocks,
      shifts: LayerShifts(length: length, blocks: blocks, isCut: true), step: tallest)
    return Bands(of: axis, blocks: blocks, tallest: tallest, threads: threads)
  }

  /// What the tasks saw, told by the threads that ran them.
  private final class Log: Sendable {
    let done = Mutex(Set<[Int]>())
    let bands = Mutex(Set<Range<Int>>())
    let faults = Mutex([String]())
    let finished = Atomic<Int>(0)
  }

  @Test(
    "Sixteen real threads on any number of cores do every phase once, in order, each after the same one of the band above"
  )
  func order() {
    let (bands, chunks, phases) = (Self.bands(length: 480, threads: 4), 1..<5, 3)
    let wavefront = Wavefront(bands: bands, chunks: chunks, phases: phases)
    let log = Log()
    for _ in 0..<16 {
      Thread.detachNewThread {
        wavefront.walk(
          progress: nil, isCancelled: nil,
          work: { band, chunk, phase in
            // A band goes by its last row.
            let previous = phase > 0 ? [chunk, phase - 1] : [chunk - 1, phases - 1]
            let before = [[band.lowerBound - 1, chunk, phase], [band.upperBound - 1] + previous].filter {
              bands.rows.contains($0[0]) && chunks.contains($0[1])
            }
            log.bands.withLock { _ = $0.insert(band) }
            let missing = log.done.withLock { done in before.filter { !done.contains($0) } }
            // Threads are driven apart, so that one that did not wait would run ahead.
            if (band.lowerBound / 6 &* 7 &+ chunk &* phases &+ phase) % 5 == 0 { usleep(300) }
            let isNew = log.done.withLock { $0.insert([band.upperBound - 1, chunk, phase]).inserted }
            if !isNew || !missing.isEmpty {
              log.faults.withLock {
                $0.append("band \(band), chunk \(chunk), phase \(phase): new \(isNew), before \(missing)")
              }
            }
          })
        log.finished.wrappingAdd(1, ordering: .sequentiallyConsistent)
      }
    }
    let end = ContinuousClock.now + .seconds(60)
    while log.finished.load(ordering: .sequentiallyConsistent) < 16, ContinuousClock.now < end { usleep(500) }
    #expect(log.finished.load(ordering: .sequentiallyConsistent) == 16)
    #expect(log.faults.withLock { $0 } == [])
    let taken = log.bands.withLock { $0.sorted { $0.lowerBound < $1.lowerBound } }
    #expect(
      taken.first?.lowerBound == bands.rows.lowerBound && taken.last?.upperBound == bands.rows.upperBound)
    #expect(zip(taken, taken.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    #expect(log.done.withLock { $0.count } == taken.count * chunks.count * phases)
  }

  @Test("How high a band is depends on what is left of those that others compute")
  func bandsUnderWay() {
    let bands = Self.bands(length: 80, threads: 2, tallest: 36)
    let wavefront = Wavefront(bands: bands, chunks: 0..<1, phases: 4)
    let second = Mutex<Range<Int>?>(nil)
    let isTaken = Atomic<Bool>(false)
    let ended = Atomic<Bool>(false)
    let end = ContinuousClock.now + .seconds(60)
    var last: Range<Int>?
    wavefront.walk(
      progress: nil, isCancelled: nil,
      work: { band, _, phase in
        // In the second band, before the third of four phases, the other thread comes.
        guard band.lowerBound > bands.rows.lowerBound, last == nil, phase == 2 else { return }
        last = band
        Thread.detachNewThread {
          wavefront.walk(
            progress: nil,
            isCancelled: {
              isTaken.store(true, ordering: .relaxed)
              return false
            }, work: { band, _, _ in second.withLock { $0 = $0 ?? band } })
          ended.store(true, ordering: .relaxed)
        }
        while !isTaken.load(ordering: .relaxed), ContinuousClock.now < end { usleep(500) }
      })
    while !ended.load(ordering: .relaxed), ContinuousClock.now < end { usleep(500) }
    let (above, below) = (last ?? 0..<0, second.withLock { $0 })
    #expect(below == bands.next(from: above.upperBound, underWay: Double(bands.work(in: above)) / 2))
    // It would be another one otherwise.
    #expect(below != bands.next(from: above.upperBound, underWay: 0))
    #expect(below != bands.next(from: above.upperBound, underWay: Double(bands.work(in: above))))
  }

  @Test("Cancelling ends all threads, also those that wait")
  func cancelling() {
    let wavefront = Wavefront(bands: Self.bands(length: 1200, threads: 4), chunks: 0..<10, phases: 1)
    let tasks = Atomic<Int>(0)
    let finished = wavefront.run(
      threads: 4, progress: nil, isCancelled: { tasks.load(ordering: .relaxed) >= 20 },
      worker: { walk in walk({ _, _, _ in tasks.wrappingAdd(1, ordering: .relaxed) }) })
    #expect(!finished)
    #expect(tasks.load(ordering: .relaxed) < 30)
  }

  @Test("Progress never goes back, however late a thread is to tell")
  func progress() {
    let told = Mutex([Double]())
    let finished = Wavefront(bands: Self.bands(length: 96, threads: 4), chunks: 0..<3, phases: 2).run(
      threads: 4,
      progress: { share in
        // Long enough for all others to come past, if they could.
        if told.withLock({ $0.count % 5 == 1 }) { usleep(20_000) }
        told.withLock { $0.append(share) }
      }, isCancelled: nil, worker: { walk in walk({ _, _, _ in }) })
    #expect(finished)
    let shares = told.withLock { $0 }
    #expect(shares.count >= 24 && shares == shares.sorted() && Set(shares).count == shares.count)
    #expect(shares.last == 1)
  }

  @Test("Who waits for a band whose thread has ended by cancelling ends too")
  func cancellingOneWhoWaits() {
    let wavefront = Wavefront(bands: Self.bands(length: 12, threads: 1), chunks: 0..<2, phases: 1)
    let asked = Atomic<Int>(0)
    let below = Atomic<Int>(0)
    let ended = Atomic<Bool>(false)
    let end = ContinuousClock.now + .seconds(60)
    // The first band is this thread's, for the other comes when it is taken, and is cancelled before its second chunk, which
    // the other is by then about to wait for.
    wavefront.walk(
      progress: nil,
      isCancelled: {
        if asked.wrappingAdd(1, ordering: .relaxed).newValue == 1 {
          Thread.detachNewThread {
            wavefront.walk(
              progress: nil,
              isCancelled: {
                below.wrappingAdd(1, ordering: .relaxed)
                return false
              }, work: { _, _, _ in })
            ended.store(true, ordering: .relaxed)
          }
          return false
        }
        while below.load(ordering: .relaxed) < 2, ContinuousClock.now < end { usleep(500) }
        return true
      }, work: { _, _, _ in })
    while !ended.load(ordering: .relaxed), ContinuousClock.now < end { usleep(500) }
    #expect(ended.load(ordering: .relaxed) && below.load(ordering: .relaxed) == 2)
  }
}
