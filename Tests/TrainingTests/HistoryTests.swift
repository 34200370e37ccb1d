import Foundation
import Testing

@testable import Training

@Suite struct HistoryTests {
  func history() -> History {
    var history = History(variants: ["x2", "x3"], baseline: [28, 26])
    for step in 0..<5 {
      history.rows.append(
        History.Row(
          step: step * 100, epoch: Double(step) / 10, seconds: 1, patches: step * 800,
          loss: step > 0 ? 1 / Double(step + 1) : nil, rate: 0.01, gradientNorm: step > 0 ? 0.5 : nil,
          psnr: [28 + Double(step), 26 + Double(step)]))
    }
    return history
  }

  @Test func tableHasARowForEachMeasurement() {
    let lines = history().csv.split(separator: "\n")
    #expect(lines[0] == "step,epoch,seconds,patches,loss,rate,gradient_norm,psnr_x2,psnr_x3")
    // Before the first step there is neither loss nor gradient.
    #expect(lines[1] == "0,0.0,1.0,0,,0.01,,28.0,26.0")
    #expect(lines.count == 6 && lines[5] == "400,0.4,1.0,3200,0.2,0.01,0.5,32.0,30.0")
  }

  @Test func pagePlotsEverythingAndNeedsNothingElse() {
    let page = history().page(title: "a <b> & c")
    #expect(page.split(separator: "<svg").count == 6)
    #expect(page.contains("a &lt;b&gt; &amp; c") && !page.contains("<b>"))
    #expect(!page.contains("http:") && !page.contains("src=") && !page.contains("href="))
    #expect(page.contains("x2 32.000 dB (interpolation 28.000)"))
    #expect(page.contains("epoch 0.40, step 400"))
    // The last, highest point is at the top right.
    #expect(page.contains("L350.0 20.0"))
    // Of loss and gradient norm four points, of what is known from the start five.
    let lines = page.split(separator: "<path").dropFirst().map { path in
      path.prefix { $0 != "/" }.filter { $0 == "L" }.count
    }
    #expect(lines == [3, 4, 3, 4, 4])
  }

  @Test func comesBackFromACheckpoint() throws {
    let read = try JSONDecoder().decode(History.self, from: JSONEncoder().encode(history()))
    #expect(read == history())
  }

  @Test func pageOfNothingSaysSo() {
    #expect(History(variants: ["x2"], baseline: [28]).page(title: "t").contains("Nothing measured"))
  }
}
