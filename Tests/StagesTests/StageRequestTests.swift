import Stages
import Testing

@Suite struct StageRequestTests {
  @Test func `commas separate stages and options`() throws {
    #expect(
      try StageRequest.parse("upscale:scale=2,sharpen:amount=0.3,radius=1,grayscale") == [
        StageRequest("upscale", [.init("scale", "2")]),
        StageRequest("sharpen", [.init("amount", "0.3"), .init("radius", "1")]),
        StageRequest("grayscale"),
      ])
  }
}
