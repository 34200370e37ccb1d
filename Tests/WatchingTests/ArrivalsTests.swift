import Folders
import TestSupport
import Testing

@testable import Watching

@Suite struct ArrivalsTests {
  let start = ContinuousClock.now
  let file: RelativePath
  let observations: [Observation]
  var arrivals = Arrivals(settle: .seconds(2))

  init() throws {
    let home = try TemporaryFolder()
    let folder = home.folder
    let file = try path("a.png")
    self.file = file
    observations = try (1...3).map { size in
      try folder.write([UInt8](repeating: 0, count: size), to: file.name, replacing: true)
      return Observation(try #require(try folder.status(file.name)))
    }
  }

  /// The state after looking at `second`, with whatever is there unchanged since the last `see`.
  mutating func state(at second: Double) -> Arrivals.State? {
    arrivals.advance(to: start + .seconds(second))
    return arrivals.all[file]?.state
  }

  @Test mutating func isReadyOnlyAfterTheSettlingTime() {
    arrivals.see(file, observations[0], at: start)
    #expect(state(at: 1.9) == .settling(since: start))
    #expect(arrivals.next() == nil)
    #expect(state(at: 2) == .ready)
    #expect(arrivals.next()?.path == file)
    #expect(arrivals.next() == nil)
  }

  @Test mutating func everyChangeBeginsTheSettlingAnew() {
    arrivals.see(file, observations[0], at: start)
    arrivals.see(file, observations[1], at: start + .seconds(1.5))
    #expect(state(at: 3) == .settling(since: start + .seconds(1.5)))
    // The same once more is no change.
    let isNews = arrivals.see(file, observations[1], at: start + .seconds(3))
    #expect(!isNews)
    #expect(state(at: 3.5) == .ready)
    // Changed while in the queue: it is not worked on before it has settled again.
    arrivals.see(file, observations[2], at: start + .seconds(4))
    #expect(arrivals.next() == nil)
    #expect(state(at: 6) == .ready)
    #expect(arrivals.next()?.observation == observations[2])
  }

  @Test mutating func anIncompleteFileWaitsForAChangeHoweverLong() {
    arrivals.see(file, observations[0], at: start)
    _ = state(at: 2)
    _ = arrivals.next()
    arrivals.end(file, in: .incomplete(reason: "truncated"), at: start + .seconds(3))
    #expect(state(at: 1e6) == .incomplete(reason: "truncated"))
    #expect(arrivals.next() == nil)
    arrivals.see(file, observations[1], at: start + .seconds(1e6))
    #expect(state(at: 1e6 + 2) == .ready)
    // Whoever writes to a mapping need not change the file's time; his close is an event.
    _ = arrivals.next()
    arrivals.end(file, in: .incomplete(reason: "truncated"), at: start + .seconds(1e6 + 3))
    arrivals.stir(file)
    #expect(state(at: 1e6 + 4) == .ready)
  }

  @Test(arguments: [
    Arrivals.State.incomplete(reason: "open", until: .now + .seconds(1e6)),
    .unavailable(until: .now + .seconds(1e6), reason: "not to be read"),
  ])
  mutating func whatWaitsForAnEventIsReadyWhenOneComes(_ state: Arrivals.State) {
    arrivals.see(file, observations[0], at: start)
    _ = self.state(at: 2)
    _ = arrivals.next()
    arrivals.end(file, in: state, at: start + .seconds(3))
    #expect(self.state(at: 4) == state)
    arrivals.stir(file)
    #expect(self.state(at: 5) == .ready)
    _ = arrivals.next()
    arrivals.end(file, in: state, at: start + .seconds(6))
    // At last without one too.
    #expect(self.state(at: 2e6) == .ready)
  }

  @Test mutating func whatFailedIsNotTriedForAnEvent() {
    arrivals.see(file, observations[0], at: start)
    for state in [Arrivals.State.retry(at: start + .seconds(1e6), reason: ""), .settled] {
      arrivals.end(file, in: state, at: start + .seconds(3))
      arrivals.stir(file)
      #expect(self.state(at: 4) == state)
    }
  }

  @Test mutating func aQueueThatIsNeverEmptyKeepsItsOrder() throws {
    for index in 0..<10_000 {
      arrivals.see(try path("\(index).png"), observations[0], at: start + .seconds(index))
      arrivals.advance(to: start + .seconds(index + 2))
      // One is always left.
      if index > 3 { #expect(try arrivals.next()?.path == path("\(index - 4).png")) }
    }
  }

  @Test mutating func aChangeDuringTheWorkIsWorkOfItsOwn() {
    arrivals.see(file, observations[0], at: start)
    _ = state(at: 2)
    _ = arrivals.next()
    arrivals.see(file, observations[1], at: start + .seconds(3))
    #expect(arrivals.all[file]?.state == .working)
    arrivals.end(file, in: .settled, at: start + .seconds(4))
    #expect(arrivals.all[file]?.state == .settling(since: start + .seconds(4)))
    #expect(state(at: 6) == .ready)
  }

  @Test mutating func aRetryComesWhenItIsDueAndNotBefore() {
    arrivals.see(file, observations[0], at: start)
    _ = state(at: 2)
    _ = arrivals.next()
    let retry = Arrivals.State.retry(at: start + .seconds(10), reason: "failed")
    arrivals.end(file, in: retry, at: start + .seconds(3))
    #expect(state(at: 9.9) == retry)
    #expect(state(at: 10) == .ready)
    #expect(arrivals.next()?.path == file)
  }

  @Test mutating func goneFilesAreForgottenUnlessTheyAreWorkedOn() throws {
    arrivals.see(file, observations[0], at: start)
    arrivals.miss(file)
    #expect(arrivals.all.isEmpty)
    arrivals.see(file, observations[0], at: start)
    _ = state(at: 2)
    _ = arrivals.next()
    arrivals.miss(file)
    #expect(arrivals.all[file]?.state == .working)
  }

  @Test mutating func theQueueIsInTheOrderOfArrival() throws {
    let names = try (0..<20).map { try path("\($0).png") }
    for (index, name) in names.enumerated() {
      arrivals.see(name, observations[0], at: start + .milliseconds(index / 2))
    }
    arrivals.advance(to: start + .seconds(3))
    var order: [RelativePath] = []
    while let next = arrivals.next() { order.append(next.path) }
    // Two arrive at a time; these two are by name.
    let pairs = stride(from: 0, to: 20, by: 2).flatMap { [names[$0], names[$0 + 1]].sorted() }
    #expect(order == pairs)
    #expect(arrivals.counts.working == 20)
  }
}
