import Foundation
import Synchronization
import Testing

@testable import Training

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
    share(0, among: 3) { _, _ in Issue.record("there is no index") }
  }
}
