import Batch
import Testing

@Suite struct ProgressMeterTests {
  @Test func theTimeLeftFollowsTheWorkDoneAndNotWhatWasSkipped() {
    var meter = ProgressMeter(total: 100, at: 10)
    #expect(meter.remaining(at: 12) == nil)
    meter.update(done: 25)
    #expect(meter.remaining(at: 15) == 15)
    #expect(meter.fraction == 0.25)
    meter.skip(50)
    #expect(meter.remaining(at: 15) == 5)
    meter.update(done: 60)
    #expect(meter.fraction == 0.75, "work is never undone")
    meter.update(done: 200)
    #expect(meter.remaining(at: 20) == 0)
  }

  @Test func theFirstTilePromisesNothingUntilTimeHasPassed() {
    var meter = ProgressMeter(total: 1_000_000, at: 0)
    meter.update(done: 20)
    #expect(meter.remaining(at: 1) == nil)
    #expect(meter.remaining(at: 10) == 499_990)
    meter.update(done: 10_000)
    #expect(meter.remaining(at: 1) == 99)
  }
}
