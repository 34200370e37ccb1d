import Foundation
import ImageFiles
import Pixels
import TestSupport
import Testing

@testable import Evaluation

@Suite("The evaluation's page")
struct EvaluationReportTests {
  @Test("The detail shown is where the planes differ most")
  func detail() {
    let (width, height) = (300, 200)
    let flat = DoublePlane(
      width: width, height: height, samples: [Double](repeating: 9, count: width * height))
    var samples = flat.samples
    for y in 120..<180 {
      for x in 210..<270 { samples[y * width + x] += 5 }
    }
    let (rect, difference) = Detail.greatest(
      flat, DoublePlane(width: width, height: height, samples: samples), border: 2)
    #expect(rect.x <= 210 && rect.x + rect.width >= 270 && rect.y <= 120 && rect.y + rect.height >= 180)
    #expect(abs(difference - 25 * 3600 / Double(Detail.side * Detail.side)) < 1e-9)
    let small = Detail.greatest(
      flat.cropped(to: Rect(x: 0, y: 0, width: 9, height: 7)),
      flat.cropped(to: Rect(x: 0, y: 0, width: 9, height: 7)), border: 2)
    #expect(small.0 == Rect(x: 2, y: 2, width: 5, height: 3))
  }

  @Test("The page has its pictures inside, loads nothing and shows names as they are")
  func page() throws {
    let name = "<b>&\"x\"<\u{338}i>.png"
    let picture = Pictures.noise(width: 90, height: 80, layout: .rgb, seed: 5)
    let comparison = try Comparison(picture, scale: 2, protocol: .paper) { input in
      Plane(width: input.width, height: input.height, pixels: input.pixels.map { $0 * 0.9 })
    }
    var results = EvaluationResults(protocol: .paper, model: "m")
    results.add(
      EvaluationResults.Row(
        set: "S", scale: 2, image: name, bicubic: comparison.score(of: comparison.bicubic),
        model: comparison.score(of: comparison.result)))
    let detail = try Detail(comparison, set: "S", image: name)
    let html = EvaluationReport(results, details: [detail]).html
    #expect(html.contains("&lt;b&gt;&amp;&quot;x&quot;&lt;\u{338}i&gt;.png"))
    #expect(!html.contains("<b>&") && !html.unicodeScalars.contains("\u{338}i>".unicodeScalars))
    #expect(!html.contains("http") && !html.contains("<script"))
    let sources = html.components(separatedBy: "src=\"").dropFirst()
    #expect(sources.count == 4)
    for source in sources {
      let prefix = "data:image/png;base64,"
      #expect(source.hasPrefix(prefix))
      let text = source.dropFirst(prefix.count).prefix { $0 != "\"" }
      let file = try #require(Data(base64Encoded: String(text)))
      #expect(try ImageFile.read(bytes: [UInt8](file)).width == detail.rect.width)
    }
    #expect(html.components(separatedBy: "<svg").count == 3)
    #expect(html.components(separatedBy: "</svg>").count == 3)
  }
}
