import Pixels
import Stages
import TestSupport
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

  @Test(arguments: [
    (
      " upscale : scale = 2 , grayscale ",
      [StageRequest("upscale", [.init("scale", "2")]), StageRequest("grayscale")]
    ),
    ("w:file=C:a=b.png", [StageRequest("w", [.init("file", "C:a=b.png")])]),
    (#"w:file=one\,two\ .png"#, [StageRequest("w", [.init("file", "one,two .png")])]),
    (#"w:file=a\\b"#, [StageRequest("w", [.init("file", #"a\b"#)])]),
    ("w:file=", [StageRequest("w", [.init("file", "")])]),
    ("w:text=日本 語", [StageRequest("w", [.init("text", "日本 語")])]),
  ])
  func `spaces don't count and a backslash takes the meaning away`(text: String, requests: [StageRequest])
    throws
  {
    #expect(try StageRequest.parse(text) == requests)
  }

  @Test(arguments: [" a", "a ", "\ta", "a\t", ",", #"a\"#, #"\ "#, "a b", ""])
  func `a value that is written reads the same`(value: String) throws {
    let requests = [StageRequest("w", [.init("file", value), .init("x", value)]), StageRequest("z")]
    #expect(try StageRequest.parse(requests.map(\.description).joined(separator: ",")) == requests)
  }

  @Test(arguments: [
    ("", 1), (",", 1), ("a,", 3), ("a,,b", 3), ("scale=2", 1), (",a", 1), ("a:", 2), ("a:b", 3), ("A", 1),
    ("a,B:c=1", 3), ("a:=1", 3), ("a:B=1", 3), ("a:b=1,=2", 7), (#"a:b=\"#, 5), ("a\0", 2), ("a b", 1),
    (":", 1),
    ("a:b=1,c:", 8),
  ])
  func `a mistake is told with its place`(text: String, position: Int) {
    let error = #expect(throws: StageError.self) { try StageRequest.parse(text) }
    guard case .syntax(let place, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(place == position && !reason.isEmpty)
  }

  @Test func `too much text and too many stages are refused`() {
    #expect(throws: StageError.self) { try StageRequest.parse(String(repeating: "a", count: 65_537)) }
    let stages = { (count: Int) in Array(repeating: "a", count: count).joined(separator: ",") }
    #expect(throws: Never.self) { try StageRequest.parse(stages(64)) }
    #expect(throws: StageError.self) { try StageRequest.parse(stages(65)) }
  }

  /// Texts made of what means something to the grammar, and of what doesn't.
  private static func text(_ random: inout RandomSource) -> String {
    let pieces = [
      ",", ":", "=", "\\", " ", "\t", "\0", "\n", "a", "upscale", "resize", "sharpen", "watermark", "scale",
      "2",
      "0.3", "-1", "1e999", "nan", "x", "10x10", "99999999999999999999", "file", "é", "\u{202e}", "🖼",
      "\u{1b}[31m",
      "width", "height", "fit", "amount", "radius", "vdsr", "/", "..", "\u{0301}",
    ]
    var text = ""
    for _ in 0..<Int(random.next() % 12) { text += pieces[Int(random.next() % UInt64(pieces.count))] }
    return text
  }

  @Test func `no text makes it crash, and what it accepts reads the same when written again`() throws {
    var random = RandomSource(seed: 1)
    var accepted = 0
    for _ in 0..<(SharedData.runsFullTests ? 2_000_000 : 20_000) {
      let text = Self.text(&random)
      do throws(StageError) {
        let requests = try StageRequest.parse(text)
        accepted += 1
        let again = requests.map(\.description).joined(separator: ",")
        let reread = try StageRequest.parse(again)
        #expect(reread == requests, "\(text.debugDescription)")
        for request in requests { _ = try? StageRegistry.builtIn.check(request) }
      } catch {
        #expect("\(error)".unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 })
      }
    }
    #expect(accepted > 500)
  }

  @Test func `random bytes don't make it crash`() {
    var random = RandomSource(seed: 2)
    for _ in 0..<(SharedData.runsFullTests ? 500_000 : 5_000) {
      let bytes = (0..<Int(random.next() % 40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let text = String(decoding: bytes, as: UTF8.self)
      _ = try? StageRegistry.builtIn.pipeline(parsing: text, environment: StageEnvironment())
    }
  }
}
