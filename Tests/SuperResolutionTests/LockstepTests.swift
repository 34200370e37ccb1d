import Foundation
import Pixels
import Synchronization
import Testing

@testable import SuperResolution

@Suite("Steps computed together") struct LockstepTests {
  /// VDSR's, by F(6x6, 3x3).
  private static let blocks = [1, 1] + [Int](repeating: 6, count: 18) + [1]

  /// What the threads saw.
  private final class Log: Sendable {
    let done = Mutex([[Int]]())
    let faults = Mutex([String]())
    let finished = Atomic<Int>(0)
  }

  @Test(
    "Any number of real threads do every part once, after all of the step before has been closed",
    arguments: [1, 3, 16])
  func order(threads: Int) {
    let (steps, parts) = (60, 5)
    let lockstep = Lockstep(steps: steps, parts: parts)
    let log = Log()
    // How many parts a step has had; one more when it is closed.
    let counts = Mutex([Int](repeating: 0, count: steps))
    for _ in 0..<threads {
      Thread.detachNewThread {
        lockstep.walk(
          isCancelled: nil,
          part: { step, part in
            let before = step == 0 ? parts + 1 : counts.withLock { $0[step - 1] }
            // Threads are driven apart, so that one that did not wait would run ahead.
            if (step &* 7 &+ part) % 4 == 0 { usleep(300) }
            counts.withLock { $0[step] += 1 }
            log.done.withLock { $0.append([step, part]) }
            if before != parts + 1 {
              log.faults.withLock { $0.append("step \(step), part \(part): \(before)") }
            }
          },
          close: { step in
            let parts = counts.withLock { counts in
              counts[step] += 1
              return counts[step] - 1
            }
            if parts != 5 { log.faults.withLock { $0.append("step \(step) closed after \(parts) parts") } }
          })
        log.finished.wrappingAdd(1, ordering: .sequentiallyConsistent)
      }
    }
    let end = ContinuousClock.now + .seconds(300)
    while log.finished.load(ordering: .sequentiallyConsistent) < threads, ContinuousClock.now < end {
      usleep(500)
    }
    #expect(log.finished.load(ordering: .sequentiallyConsistent) == threads)
    #expect(log.faults.withLock { $0 } == [])
    let all = (0..<steps).flatMap { step in (0..<parts).map { [step, $0] } }
    #expect(log.done.withLock { $0.sorted { $0.lexicographicallyPrecedes($1) } } == all)
  }

  @Test("Cancelling ends all threads before the next step")
  func cancelling() {
    let closed = Atomic<Int>(0)
    let finished = Lockstep(steps: 100, parts: 4).run(
      isCancelled: { closed.load(ordering: .relaxed) >= 20 }, part: { _, _ in },
      close: { _ in closed.wrappingAdd(1, ordering: .relaxed) })
    #expect(!finished)
    #expect(closed.load(ordering: .relaxed) == 20)
  }

  @Test("The shares of the threads are whole blocks that cover all once")
  func shares() throws {
    let size = Size(width: 30, height: 40)
    for threads in 1...9 {
      let step = try #require(TaskShape(together: size, blocks: Self.blocks, threads: threads))
      for block in [1, 4, 6] {
        for (width, height) in [(12, 24), (48, 36), (12, 12), (60, 60)] {
          let (rows, columns) = (24..<24 + height, 12..<12 + width)
          var times = [Int](repeating: 0, count: width * height)
          for part in 0..<threads {
            for (y, x) in step.shares(of: rows, columns, block: block, part: part) {
              #expect(y.count.isMultiple(of: block) && x.count.isMultiple(of: block))
              for row in y {
                for column in x { times[(row - 24) * width + column - 12] += 1 }
              }
            }
          }
          #expect(
            times.allSatisfy { $0 == 1 }, "\(threads) threads, \(width)x\(height) in blocks of \(block)")
        }
      }
    }
  }

  @Test(
    "Only what is too narrow for two chunks a thread is computed together, and only if the memory allows it")
  func choice() throws {
    #expect(TaskShape(together: Size(width: 171, height: 500), blocks: Self.blocks, threads: 2) != nil)
    #expect(TaskShape(together: Size(width: 172, height: 500), blocks: Self.blocks, threads: 2) == nil)
    let step = try #require(TaskShape(together: Size(width: 64, height: 64), blocks: Self.blocks, threads: 2))
    #expect(step.width == 72 && step.height == 72 && step.threadsTogether == 2)
  }

  @Test("When all is done it is too late to cancel")
  func cancellingTooLate() {
    let closed = Atomic<Int>(0)
    let finished = Lockstep(steps: 3, parts: 2).run(
      isCancelled: { closed.load(ordering: .relaxed) >= 3 }, part: { _, _ in },
      close: { _ in closed.wrappingAdd(1, ordering: .relaxed) })
    #expect(finished && closed.load(ordering: .relaxed) == 3)
  }
}
