import Foundation
import Pages
import Pixels

/// One self-contained HTML page of an evaluation: tables, plots, and the details that differ most. It loads nothing, runs no
/// script, and is the same bytes for the same results.
package struct EvaluationReport {
  private let results: EvaluationResults
  private let details: [Detail]

  /// Details shown of each set at each scale, those that differ most; a page of hundreds of pictures stays readable.
  private static let detailsPerGroup = 12

  /// - Parameters:
  ///   - results: the figures.
  ///   - details: of any of the pictures.
  package init(_ results: EvaluationResults, details: [Detail]) {
    self.results = results
    self.details = details
  }

  package var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Evaluation of \(htmlText(results.model))</title>
    <style>\(Self.style)</style>
    </head>
    <body>
    <h1>Evaluation of \(htmlText(results.model))</h1>
    <p>Protocol <b>\(results.protocol.rawValue)</b>: PSNR in decibels and SSIM on luma; \(Self.rule(results.protocol)). \
    \(pictureCount).</p>
    <h2>Means</h2>
    \(summary)
    \(MeanPlot(results.groups.map(EvaluationResults.mean(of:))).svg)
    <h2>Pictures</h2>
    \(results.groups.map(pictures).joined(separator: "\n"))
    <h2>Where the model differs most from bicubic interpolation</h2>
    <p>Residual: model minus bicubic luma, four times enlarged, around middle gray.</p>
    \(results.groups.map(crops).joined(separator: "\n"))
    \(leftOut)
    </body>
    </html>

    """
  }

  private var pictureCount: String {
    let count = Set(results.rows.map { $0.set + "/" + ($0.image ?? "") }).count
    return count == 1 ? "1 picture" : "\(count) pictures"
  }

  private static func rule(_ protocol: EvaluationProtocol) -> String {
    switch `protocol` {
    case .paper: "the result is rounded to 8 bits, <i>scale</i> pixels at each border are left out"
    case .seed: "the result is not rounded, <i>scale</i> pixels at each border are left out"
    case .basicsr:
      "the result is made an RGB picture of 8 bits first, <i>scale</i> pixels at each border are left out"
    }
  }

  // MARK: - Tables

  private var summary: String {
    let rows = results.groups.map { group in
      let mean = EvaluationResults.mean(of: group)
      return "<tr><td>\(htmlText(mean.set))</td><td>x\(mean.scale)</td>\(cells(mean))</tr>"
    }
    return Self.table("<th>set</th><th>scale</th>" + Self.header, rows)
  }

  private func pictures(_ group: [EvaluationResults.Row]) -> String {
    let rows = group.map { "<tr><td>\(htmlText($0.image ?? ""))</td>\(cells($0))</tr>" }
    return """
      <h3>\(htmlText(group[0].set)) x\(group[0].scale)</h3>
      \(GainPlot(group).svg)
      <details><summary>Figures</summary>\(Self.table("<th>picture</th>" + Self.header, rows))</details>
      """
  }

  private static let header =
    "<th>bicubic PSNR</th><th>SSIM</th><th>model PSNR</th><th>SSIM</th><th>gain</th>"

  private static func table(_ header: String, _ rows: [String]) -> String {
    "<table><thead><tr>\(header)</tr></thead><tbody>\n\(rows.joined(separator: "\n"))\n</tbody></table>"
  }

  private func cells(_ row: EvaluationResults.Row) -> String {
    func ssim(_ score: Score) -> String { score.ssim.map { EvaluationResults.short($0, 4) } ?? "-" }
    let values = [
      EvaluationResults.short(row.bicubic.psnr, 3), ssim(row.bicubic),
      EvaluationResults.short(row.model.psnr, 3), ssim(row.model),
      EvaluationResults.short(row.model.psnr - row.bicubic.psnr, 3),
    ]
    return values.map { "<td class=\"number\">\($0)</td>" }.joined()
  }

  /// What is missing from the means; a picture that is too small for SSIM, only from its means.
  private var leftOut: String {
    let reasons =
      results.leftOut
      + results.rows.filter { $0.model.ssim == nil }.map {
        "\($0.image ?? "") of \($0.set) x\($0.scale), in SSIM: a side has less than 11 pixels"
      }
    if reasons.isEmpty { return "" }
    let items = reasons.map { "<li>\(htmlText($0))</li>" }
    return "<h2>Not in the means</h2>\n<ul>\n\(items.joined(separator: "\n"))\n</ul>"
  }

  // MARK: - Crops

  private func crops(_ group: [EvaluationResults.Row]) -> String {
    let own = details.filter { $0.set == group[0].set && $0.scale == group[0].scale }
      .sorted { $0.difference > $1.difference }.prefix(Self.detailsPerGroup)
    if own.isEmpty { return "" }
    return "<h3>\(htmlText(group[0].set)) x\(group[0].scale)</h3>\n"
      + own.map(figure).joined(separator: "\n")
  }

  private func figure(_ detail: Detail) -> String {
    let parts = [
      ("ground truth", detail.truth), ("bicubic", detail.bicubic), ("model", detail.model),
      ("residual", detail.residual),
    ]
    let pictures = parts.map { name, file in
      """
      <figure><img alt="\(name) of \(htmlText(detail.image))" width="\(detail.rect.width * 3)" \
      height="\(detail.rect.height * 3)" src="data:image/png;base64,\(Data(file).base64EncodedString())">\
      <figcaption>\(name)</figcaption></figure>
      """
    }
    let (rect, image) = (detail.rect, htmlText(detail.image))
    return """
      <section class="detail"><h4>\(image), \(rect.width)x\(rect.height) at (\(rect.x), \(rect.y))</h4>
      <div class="crops">\(pictures.joined())</div></section>
      """
  }

  private static let style = """
    :root { color-scheme: light dark; --bicubic: #b0651a; --model: #1b6fc2; --rule: #8888; }
    body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
    h1 { font-size: 1.6rem; } h2 { margin-top: 2.2rem; } h3 { margin-bottom: .4rem; }
    table { border-collapse: collapse; margin: .6rem 0; }
    th, td { padding: .2rem .7rem; text-align: left; border-bottom: 1px solid var(--rule); }
    .number { text-align: right; font-variant-numeric: tabular-nums; }
    svg { max-width: 100%; height: auto; display: block; } svg text { fill: currentColor; font-size: 12px; }
    .crops { display: flex; flex-wrap: wrap; gap: .6rem; } figure { margin: 0; }
    figure img { image-rendering: pixelated; display: block; max-width: 100%; }
    figcaption { font-size: .85rem; text-align: center; }
    """
}
