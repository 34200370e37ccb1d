import Foundation
import Synchronization
import Testing

@testable import SuperResolution

@Suite struct SharingTests {
  @Test(arguments: [1, 2, 7, 100])
  func everyIndexIsTakenOnceAndNoThreadTwiceAtATime(_ threads: Int) {
    let taken = Mutex<[Int]>([])
    let busy = Mutex<Set<Int>>([])
    let most = Mutex(0)
    share(40, among: threads) { index, thread in
      let isAlone = busy.withLock { busy in
        most.withLock { $0 = max($0, busy.count + 1) }
        return busy.insert(thread).inserted
      }
      #expect(isAlone && (0..<threads).contains(thread))
      taken.withLock { $0.append(index) }
      // Long enough for others to come in, if any are let in; who has to wait for it does so in vain.
      usleep(1000)
      busy.withLock { _ = $0.remove(thread) }
    }
    #expect(taken.withLock { $0.sorted() } == Array(0..<40))
    #expect(most.withLock { $0 } <= threads)
    // On one thread the order is that of the indices, which no other way of sharing keeps.
    if threads == 1 { #expect(taken.withLock { $0 } == Array(0..<40)) }
  }

  @Test func nothingIsSharedOut() {
    #expect(share(0, among: 3) { _, _ in Issue.record("there is no index") })
  }

  @Test(arguments: [1, 3]) func progressIsToldInOrder(_ threads: Int) {
    let told = Mutex<[Double]>([])
    let note = { @Sendable (share: Double) in told.withLock { $0.append(share) } }
    #expect(share(8, among: threads, progress: note) { _, _ in })
    #expect(told.withLock { $0 } == (1...8).map { Double($0) / 8 })
  }

  @Test(arguments: [1, 3]) func nothingBeginsOnceItIsCancelled(_ threads: Int) {
    let begun = Atomic(0)
    let isCancelled = { @Sendable in begun.load(ordering: .relaxed) >= 5 }
    let isWhole = share(100, among: threads, isCancelled: isCancelled) { _, _ in
      begun.add(1, ordering: .relaxed)
    }
    #expect(!isWhole)
    // Those that had been let in before are ended.
    #expect((5..<5 + threads).contains(begun.load(ordering: .relaxed)))
  }

  @Test func threadsOutsideATaskLearnOfItsCancellation() async {
    await Task {
      withUnsafeCurrentTask { $0?.cancel() }
      let isWhole = withCancellation(nil) { isCancelled in
        share(100, among: 4, isCancelled: isCancelled) { _, _ in Issue.record("begun") }
      }
      #expect(!isWhole)
    }.value
    let says = { @Sendable in true }
    #expect(withCancellation(says) { $0() } && !withCancellation(nil) { $0() })
  }
}
