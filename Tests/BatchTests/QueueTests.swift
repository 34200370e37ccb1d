import Testing

@testable import Batch

@Suite struct QueueTests {
  @Test func whatCameFirstGoesFirstAndIsLetGoOf() {
    var queue = Queue<Int>()
    var popped: [Int?] = []
    for number in 0..<20_000 {
      queue.append(number)
      if number >= 10 { popped.append(queue.popFirst()) }
    }
    #expect(popped == Array(0..<19_990))
    #expect(queue.first == 19_990 && !queue.isEmpty && queue.room < 2000)
    for _ in 0..<10 { _ = queue.popFirst() }
    #expect(queue.isEmpty && queue.popFirst() == nil && queue.room == 0)
  }
}
