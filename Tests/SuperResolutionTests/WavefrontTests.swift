import Foundation
import Synchronization
import Testing

@testable import SuperResolution

@Suite("Wavefronts") struct WavefrontTests {
  /// What the tasks saw, told by the threads that ran them.
  private final class Log: Sendable {
    let done = Mutex(Set<[Int]>())
    let faults = Mutex([String]())
    let finished = Atomic<Int>(0)
  }

  @Test(
    "Sixteen real threads on any number of cores do every phase once, in order, each after the same one of the band above"
  )
  func order() {
    let (bands, chunks, phases) = (3..<43, 1..<5, 3)
    let wavefront = Wavefront(bands: bands, chunks: chunks, phases: phases)
    let log = Log()
    for _ in 0..<16 {
      Thread.detachNewThread {
        wavefront.walk(
          progress: nil, isCancelled: nil,
          work: { band, chunk, phase in
            let previous = phase > 0 ? [band, chunk, phase - 1] : [band, chunk - 1, phases - 1]
            let before = [[band - 1, chunk, phase], previous].filter {
              bands.contains($0[0]) && chunks.contains($0[1])
            }
            let missing = log.done.withLock { done in before.filter { !done.contains($0) } }
            // Threads are driven apart, so that one that did not wait would run ahead.
            if (band &* 7 &+ chunk &* phases &+ phase) % 5 == 0 { usleep(300) }
            let isNew = log.done.withLock { $0.insert([band, chunk, phase]).inserted }
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
    #expect(log.done.withLock { $0.count } == bands.count * chunks.count * phases)
  }

  @Test("Cancelling ends all threads, also those that wait")
  func cancelling() {
    let wavefront = Wavefront(bands: 0..<100, chunks: 0..<10, phases: 1)
    let tasks = Atomic<Int>(0)
    let finished = wavefront.run(
      threads: 4, progress: nil, isCancelled: { tasks.load(ordering: .relaxed) >= 20 },
      worker: { walk in walk({ _, _, _ in tasks.wrappingAdd(1, ordering: .relaxed) }) })
    #expect(!finished)
    #expect(tasks.load(ordering: .relaxed) < 30)
  }

  @Test("Progress never goes back, however late a thread is to tell")
  func progress() {
    let told = Mutex([Int]())
    let finished = Wavefront(bands: 0..<8, chunks: 0..<3, phases: 2).run(
      threads: 4,
      progress: { done in
        // Long enough for all others to come past, if they could.
        if done % 5 == 1 { usleep(20_000) }
        told.withLock { $0.append(done) }
      }, isCancelled: nil, worker: { walk in walk({ _, _, _ in }) })
    #expect(finished)
    #expect(told.withLock { $0 } == Array(1...24))
  }

  @Test("Who waits for a band whose thread has ended by cancelling ends too")
  func cancellingOneWhoWaits() {
    let wavefront = Wavefront(bands: 0..<2, chunks: 0..<2, phases: 1)
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
