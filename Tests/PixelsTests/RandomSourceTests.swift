import Pixels
import Testing

@Suite struct RandomSourceTests {
  @Test func followsThePublishedGenerators() {
    // SplitMix64 from seed 1234567 gives these words (the authors' reference program).
    let random = RandomSource(seed: 1_234_567)
    #expect(
      random.state == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431,
      ])
    // xoshiro256** from state 1, 2, 3, 4.
    var generator = RandomSource(state: [1, 2, 3, 4])
    let words = (0..<5).map { _ in generator?.next() }
    #expect(words == [11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360])
  }

  @Test func aStoredStateContinuesTheSequence() {
    var random = RandomSource(seed: 9)
    for _ in 0..<100 { _ = random.next() }
    var stored = RandomSource(state: random.state)
    for _ in 0..<100 { #expect(random.next() == stored?.next()) }
    #expect(RandomSource(state: [0, 0, 0, 0]) == nil)
    #expect(RandomSource(state: [1, 2, 3]) == nil)
  }

  @Test func normalValuesHaveTheMomentsOfTheNormalDistribution() {
    var random = RandomSource(seed: 11)
    let count = 200_000
    let values = (0..<count).map { _ in random.normal() }
    let moments = (1...4).map { power in
      values.reduce(0) { sum, value in sum + (0..<power).reduce(1) { product, _ in product * value } }
        / Double(count)
    }
    // Five standard errors: variances of x, x^2, x^3, x^4 are 1, 2, 15, 96.
    for (moment, (mean, variance)) in zip(moments, [(0.0, 1.0), (1, 2), (0, 15), (3, 96)]) {
      #expect(abs(moment - mean) < 5 * (variance / Double(count)).squareRoot())
    }
  }

  @Test func boundedValuesAreEvenlySpread() {
    var random = RandomSource(seed: 13)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[random.below(7)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 10_000) < 500 })
  }

  @Test func shufflingKeepsEveryElement() {
    var random = RandomSource(seed: 17)
    var values = Array(0..<1000)
    random.shuffle(&values)
    #expect(values != Array(0..<1000))
    #expect(values.sorted() == Array(0..<1000))
  }

  @Test func everyOrderIsAsLikely() {
    var random = RandomSource(seed: 19)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<60_000 {
      var values = [0, 1, 2]
      random.shuffle(&values)
      counts[values, default: 0] += 1
    }
    // Five standard deviations, each the root of 60,000 x 1/6 x 5/6.
    #expect(counts.count == 6 && counts.values.allSatisfy { abs($0 - 10_000) < 457 })
  }
}
