import Foundation
import Pixels
import Testing

@Suite struct StoredGeneratorTests {
  private func decoded(_ text: String) throws -> RandomSource {
    try JSONDecoder().decode(RandomSource.self, from: Data(text.utf8))
  }

  @Test func comesBackAsItWas() throws {
    var random = RandomSource(seed: 5)
    _ = random.next()
    let data = try JSONEncoder().encode(random)
    #expect(try JSONDecoder().decode(RandomSource.self, from: data) == random)
    #expect(try decoded("{\"state\":[1,2,3,4]}") == RandomSource(state: [1, 2, 3, 4]))
  }

  @Test(arguments: ["[]", "[1,2,3]", "[1,2,3,4,5]", "[0,0,0,0]"])
  func isNoneWithoutItsFourWords(words: String) {
    #expect(throws: DecodingError.self) { try decoded("{\"state\":\(words)}") }
  }
}
