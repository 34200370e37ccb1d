import Acuity
import Batch
import Folders
import TestSupport
import Testing

@Suite struct NamePatternTests {
  private func path(_ pattern: String, _ input: String, _ format: ImageFormat = .png) throws -> String? {
    try NamePattern(pattern).path(
      for: relative(input), format: format, scale: "2.5", size: Size(width: 50, height: 30))?.description
  }

  @Test(arguments: [
    ("{stem}.{ext}", "a/b.png", "a/b.png"), ("{stem}_{scale}x.{ext}", "b.png", "b_2.5x.png"),
    ("{name}.{format}", "b.tar.gif", "b.tar.gif.png"),
    ("{width}x{height}/{stem}.{ext}", "a/b.png", "a/50x30/b.png"),
    ("{{{stem}}}.{ext}", "b.png", "{b}.png"), ("{stem}.{ext}", "b.PNG", "b.PNG"),
    ("{stem}.{ext}", "b.jpg", "b.png"),
    ("{stem}.{ext}", "b", "b.png"), ("{stem}.{ext}", ".hidden", ".hidden.png"),
  ])
  func variablesStandForWhatTheySay(pattern: String, input: String, expected: String) throws {
    #expect(try path(pattern, input) == expected)
  }

  @Test func theInputsOwnExtensionStaysIfItFits() throws {
    #expect(try path("{stem}.{ext}", "b.JPEG", .jpeg) == "b.JPEG")
    #expect(try path("{stem}.{ext}", "b.jpg", .jpeg) == "b.jpg")
    #expect(try path("{stem}.{ext}", "b.jpg", .webp) == "b.webp")
  }

  @Test(arguments: [
    "", "{stem", "stem}", "{nonsense}", "../{stem}", "/{stem}", "{stem}/", "a//b", "{stem}/../x", ".", "..",
    "a\0b",
  ])
  func whatIsNoNameBelowTheFolderIsRefused(pattern: String) {
    #expect(throws: NamePattern.Malformed.self) { try NamePattern(pattern) }
  }

  @Test func namesThatAreNoTextKeepTheirBytes() throws {
    let input = try #require(RelativePath([0xff, 0x0a] + bytes(".png")))
    let output = NamePattern.same.path(for: input, format: .png, scale: "2", size: Size(width: 1, height: 1))
    #expect(output == input)
  }
}
