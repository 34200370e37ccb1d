import Evaluation
import Foundation
import Testing

@Suite("Evaluation results")
struct EvaluationResultsTests {
  private func results() -> EvaluationResults {
    var results = EvaluationResults(protocol: .paper, model: "vdsr")
    for (set, scale, image, psnr) in [
      ("A", 2, "one, \"two\".png", 30.0), ("A", 3, "b.png", 28), ("A", 2, "c.png", 34),
      ("B", 2, "d.png", .infinity),
    ] {
      results.add(
        EvaluationResults.Row(
          set: set, scale: scale, image: image, bicubic: Score(psnr: psnr - 2, ssim: nil),
          model: Score(psnr: psnr, ssim: 0.9)))
    }
    return results
  }

  @Test("Rows are grouped by set and scale, means are of decibels")
  func groups() {
    let groups = results().groups
    #expect(groups.map(\.count) == [2, 1, 1])
    let mean = EvaluationResults.mean(of: groups[0])
    #expect(mean.image == nil)
    #expect(mean.model == Score(psnr: 32, ssim: 0.9))
    #expect(mean.bicubic == Score(psnr: 30, ssim: nil))
    // A picture that is too small for a similarity does not count as one of none.
    let (one, other) = (Score(psnr: 20, ssim: 0.5), Score(psnr: 30, ssim: nil))
    let rows = [one, other].map {
      EvaluationResults.Row(set: "A", scale: 2, image: "a.png", bicubic: $0, model: $0)
    }
    #expect(EvaluationResults.mean(of: rows).model == Score(psnr: 25, ssim: 0.5))
  }

  @Test("JSON has the documented keys, null in the mean's row and for what is infinite")
  func json() throws {
    let object = try JSONSerialization.jsonObject(with: Data(results().json.utf8)) as? [String: Any]
    #expect(object?["protocol"] as? String == "paper")
    #expect(object?["model"] as? String == "vdsr")
    let rows = try #require(object?["results"] as? [[String: Any]])
    #expect(rows.count == 7)
    let keys: Set = ["set", "scale", "image", "bicubic_psnr", "bicubic_ssim", "psnr", "ssim"]
    for row in rows { #expect(Set(row.keys) == keys) }
    #expect(rows[2]["image"] is NSNull)
    #expect(rows[2]["psnr"] as? Double == 32)
    #expect(rows[0]["bicubic_ssim"] is NSNull)
    #expect(rows[5]["psnr"] is NSNull)
  }

  @Test("CSV quotes names, the table is aligned")
  func text() {
    let lines = results().csv.split(separator: "\n")
    #expect(lines[0] == "set,scale,image,bicubic_psnr,bicubic_ssim,psnr,ssim")
    #expect(lines[1] == "A,2,\"one, \"\"two\"\".png\",28.000000,,30.000000,0.900000")
    #expect(lines[3] == "A,2,mean,30.000000,,32.000000,0.900000")
    let block = results().table.split(separator: "\n\n")[0].split(separator: "\n")
    #expect(block.count == 4)
    #expect(Set(block.map(\.count)).count == 1)
    // The model spoils what was perfect: no gain of infinity.
    var spoilt = EvaluationResults(protocol: .paper, model: "vdsr")
    spoilt.add(
      EvaluationResults.Row(
        set: "A", scale: 2, image: "flat.png", bicubic: Score(psnr: .infinity, ssim: 1),
        model: Score(psnr: 70, ssim: 1)))
    #expect(spoilt.table.contains(" -inf"))
  }
}
