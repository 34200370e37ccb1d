import Acuity
import Foundation
import Pages

extension BatchReport {
  /// One page without anything from outside: it works from a disk, and opening it tells nobody.
  func html(_ samples: [ReportSample]) -> [UInt8] {
    let page = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy"
       content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
      <title>\(htmlText(title)) - Acuity report</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <header>
      <h1>\(htmlText(title))</h1>
      <p>Acuity \(htmlText(acuity)), \(htmlText(started.formatted(.iso8601))), \
      \(Self.duration(seconds)), \(Self.decimal(Double(outputPixels) / 1e6)) megapixels, \
      \(Self.decimal(megapixelsPerSecond)) MP/s\(stopReason.map { ". Stopped: \(htmlText($0))" } ?? "")</p>
      <ul class="counts">
      \(tiles)
      </ul>
      <ul class="stages">
      \(zip(stages, weights).map(Self.item).joined(separator: "\n"))
      </ul>
      </header>
      <main>
      \(failures)
      \(Self.section(samples))
      \(table)
      </main>
      <script>
      \(Self.script)
      </script>
      </body>
      </html>

      """
    return Array(page.utf8)
  }

  // MARK: - Parts

  private var tiles: String {
    [
      ("files", counts.files), ("done", counts.done), ("skipped", counts.skipped), ("failed", counts.failed),
      ("released", counts.released),
    ].map { "<li class=\"\($0)\"><b>\($1)</b> \($0)</li>" }.joined(separator: "\n")
  }

  private static func item(stages: String, weights: String?) -> String {
    let by = weights.map { " by <code>\(htmlText($0))</code>" } ?? ""
    return "<li><code>\(htmlText(stages.isEmpty ? "no stages" : stages))</code>\(by)</li>"
  }

  private var failures: String {
    let failed = files.filter { $0.result == .failed }
    if failed.isEmpty { return "" }
    let items = failed.map { file in
      "<li><code>\(htmlText(file.input))</code><br>\(htmlText(file.shortReason))</li>"
    }
    return """
      <section id="failures">
      <h2>Failures</h2>
      <ul>
      \(items.joined(separator: "\n"))
      </ul>
      </section>
      """
  }

  private static func section(_ samples: [ReportSample]) -> String {
    if samples.isEmpty { return "" }
    return """
      <section id="samples">
      <h2>Before and after</h2>
      <p>Left of the line the input, enlarged bicubically; right of it the output.</p>
      <div class="samples">
      \(samples.map(figure).joined(separator: "\n"))
      </div>
      </section>
      """
  }

  private static func figure(_ sample: ReportSample) -> String {
    let name = htmlText(sample.label)
    let (width, height) = (sample.size.width, sample.size.height)
    return """
      <figure style="width:\(width)px">
      <div class="compare" style="aspect-ratio:\(width)/\(height)">
      <img src="\(sample.before)" width="\(width)" height="\(height)" alt="\(name), the input">
      <img class="after" src="\(sample.after)" width="\(width)" height="\(height)" alt="\(name), the output">
      <i></i>
      <input type="range" min="0" max="100" step="0.1" value="50" aria-label="Share of \(name) that shows the input">
      </div>
      <figcaption><code>\(name)</code><br>\(htmlText(sample.stages))</figcaption>
      </figure>
      """
  }

  private var table: String {
    """
    <section id="files">
    <h2>Files</h2>
    <p class="tools"><label>Show <select id="result"><option value="">all</option>
    \(File.Result.allCases.map { "<option>\($0.rawValue)</option>" }.joined(separator: "\n"))
    </select></label>
    <label>containing <input id="search" type="search"></label> <output id="shown"></output></p>
    <div class="wide"><table>
    <thead><tr>
    <th>Input</th><th>Result</th><th class="number">Size</th><th>Outputs</th><th class="number">Seconds</th>
    <th>Reason</th>
    </tr></thead>
    <tbody>
    \(files.map(Self.row).joined(separator: "\n"))
    </tbody>
    </table></div>
    </section>
    """
  }

  private static func row(_ file: File) -> String {
    let pixels = (file.width ?? 0) * (file.height ?? 0)
    let size = file.width.flatMap { width in file.height.map { Self.sides(width, $0) } } ?? ""
    let outputs = file.outputs.map { output in
      "<code>\(htmlText(output.path))</code> \(sides(output.width, output.height)), \(htmlText(output.format)), "
        + "\(kilobytes(output.bytes))\(output.isCopy ? ", a copy" : "")"
    }
    // Of a skipped file, the doubt is the reason.
    let reasons = [file.shortReason] + (file.doubt == file.reason ? [] : [file.doubt].compactMap(\.self))
    return """
      <tr class="\(file.result.rawValue)"><td><code>\(htmlText(file.input))</code></td>\
      <td>\(file.result.rawValue)</td><td class="number" data-key="\(pixels)">\(size)</td>\
      <td>\(outputs.joined(separator: "<br>"))</td>\
      <td class="number" data-key="\(decimal(file.seconds.computing, 6))">\(decimal(file.seconds.computing, 2))</td>\
      <td>\(reasons.map { htmlText($0) }.joined(separator: "<br>"))</td></tr>
      """
  }

  // MARK: - Texts

  /// With blanks at which no line breaks.
  private static func sides(_ width: Int, _ height: Int) -> String { "\(width)\u{a0}×\u{a0}\(height)" }

  private static func decimal(_ value: Double, _ digits: Int = 1) -> String {
    value.formatted(
      .number.precision(.fractionLength(digits)).grouping(.never).locale(Locale(identifier: "en_US_POSIX")))
  }

  private static func duration(_ seconds: Double) -> String {
    if seconds < 60 { return "\(decimal(seconds)) s" }
    let whole = Int(min(seconds, 1e12))
    return whole < 3600
      ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  private static func kilobytes(_ bytes: Int) -> String {
    bytes < 1000
      ? "\(bytes)\u{a0}B"
      : bytes < 1_000_000 ? "\(bytes / 1000)\u{a0}kB" : "\(decimal(Double(bytes) / 1e6))\u{a0}MB"
  }
}

extension BatchReport.File {
  /// The reason without the file's name, which stands beside it.
  fileprivate var shortReason: String {
    guard let reason else { return "" }
    let prefix = input + ": "
    return reason.hasPrefix(prefix) ? String(reason.dropFirst(prefix.count)) : reason
  }
}
