import Foundation
import Pages

extension History {
  /// One HTML page that needs nothing else: plots of loss, rate, gradient norm and each variant's PSNR over the epochs, with
  /// interpolation as a dashed line. It reloads itself every half minute, so that it can be watched.
  package func page(title: String) -> String {
    let plots =
      [
        Self.plot("loss", rows.compactMap { row in row.loss.map { (row, $0) } }, line: nil),
        Self.plot("learning rate", rows.map { ($0, $0.rate) }, line: nil),
        Self.plot("gradient norm", rows.compactMap { row in row.gradientNorm.map { (row, $0) } }, line: nil),
      ]
      + variants.indices.map { index in
        Self.plot(
          "PSNR \(variants[index]), dB", rows.map { ($0, $0.psnr[index]) }, line: baseline[index])
      }
    return """
      <!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="30">
      <title>\(htmlText(title))</title>
      <style>body{font:14px system-ui;margin:2em;background:#fff;color:#222}figure{display:inline-block;margin:1em}
      svg{background:#f7f7f7}path{fill:none;stroke:#06c;stroke-width:1.5}line{stroke:#c60;stroke-dasharray:4}
      text{font-size:11px}</style>
      <h1>\(htmlText(title))</h1><p>\(htmlText(summary))</p>
      \(plots.joined(separator: "\n"))
      </html>

      """
  }

  private var summary: String {
    guard let row = rows.last else { return "Nothing measured so far." }
    let results = zip(variants, zip(row.psnr, baseline)).map { name, values in
      String(format: "%@ %.3f dB (interpolation %.3f)", name as NSString, values.0, values.1)
    }
    return "Step \(row.step), epoch \(String(format: "%.2f", row.epoch)): " + results.joined(separator: ", ")
  }

  /// A plot of 360 x 200 with its extremes written at the axes.
  private static func plot(_ title: String, _ points: [(row: Row, value: Double)], line: Double?) -> String {
    let values = points.map(\.value) + (line.map { [$0] } ?? [])
    guard let low = values.min(), let high = values.max(), let first = points.first?.row,
      let last = points.last?.row
    else { return "" }
    let height = high > low ? high - low : 1
    let width = Double(max(last.step - first.step, 1))
    func y(_ value: Double) -> String { String(format: "%.1f", 180 - 160 * (value - low) / height) }
    let path = points.enumerated().map { index, point in
      let x = 50 + 300 * Double(point.row.step - first.step) / width
      return (index == 0 ? "M" : "L") + String(format: "%.1f ", x) + y(point.value)
    }.joined()
    let dashed = line.map { "<line x1=\"50\" x2=\"350\" y1=\"\(y($0))\" y2=\"\(y($0))\"/>" } ?? ""
    return "<figure><figcaption>\(htmlText(title))</figcaption><svg width=\"360\" height=\"200\">"
      + "<text x=\"2\" y=\"24\">\(String(format: "%.4g", high))</text>"
      + "<text x=\"2\" y=\"184\">\(String(format: "%.4g", low))</text>"
      + "<text x=\"50\" y=\"197\">\(place(first))</text>"
      + "<text x=\"350\" y=\"197\" text-anchor=\"end\">\(place(last))</text>"
      + "\(dashed)<path d=\"\(path)\"/></svg></figure>"
  }

  private static func place(_ row: Row) -> String {
    "epoch \(String(format: "%.2f", row.epoch)), step \(row.step)"
  }
}
