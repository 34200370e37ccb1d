import Pages

/// Mean PSNR of bicubic and model as a pair of bars for each set and scale.
struct MeanPlot {
  private let means: [EvaluationResults.Row]

  init(_ means: [EvaluationResults.Row]) {
    self.means = means
  }

  var svg: String {
    let axis = DecibelAxis(means.flatMap { [$0.bicubic.psnr, $0.model.psnr] }, from: 150, to: 860)
    let rowHeight = 46
    let rows = means.enumerated().map { index, mean in
      let y = index * rowHeight + 10
      return """
        <text x="140" y="\(y + 22)" text-anchor="end">\(htmlText(mean.set)) x\(mean.scale)</text>
        \(bar(mean.bicubic.psnr, axis, y: y, color: "--bicubic", name: "bicubic"))
        \(bar(mean.model.psnr, axis, y: y + 17, color: "--model", name: "model"))
        """
    }
    let height = means.count * rowHeight + 40
    return """
      <svg viewBox="0 0 940 \(height)" role="img" aria-label="Mean PSNR of bicubic and model">
      \(axis.lines(height: height - 24))
      \(rows.joined(separator: "\n"))
      </svg>
      """
  }

  private func bar(_ value: Double, _ axis: DecibelAxis, y: Int, color: String, name: String) -> String {
    let end = axis.position(value)
    return """
      <rect x="150" y="\(y)" width="\(max(1, end - 150))" height="14" fill="var(\(color))">\
      <title>\(name)</title></rect>\
      <text x="\(end + 5)" y="\(y + 11)">\(EvaluationResults.short(value, 2)) \(name)</text>
      """
  }
}

/// For each picture of a set at a scale, a line from bicubic's PSNR to the model's.
struct GainPlot {
  private let rows: [EvaluationResults.Row]

  init(_ rows: [EvaluationResults.Row]) {
    self.rows = rows
  }

  var svg: String {
    let axis = DecibelAxis(rows.flatMap { [$0.bicubic.psnr, $0.model.psnr] }, from: 210, to: 860)
    let lines = rows.enumerated().map { index, row in
      let y = index * 20 + 16
      let (from, to) = (axis.position(row.bicubic.psnr), axis.position(row.model.psnr))
      let gain = EvaluationResults.short(row.model.psnr - row.bicubic.psnr, 2)
      return """
        <text x="200" y="\(y + 4)" text-anchor="end">\(htmlText(String((row.image ?? "").suffix(28))))</text>
        <line x1="\(from)" y1="\(y)" x2="\(to)" y2="\(y)" stroke="currentColor" stroke-opacity=".4"/>
        <circle cx="\(from)" cy="\(y)" r="4.5" fill="var(--bicubic)"><title>bicubic</title></circle>
        <circle cx="\(to)" cy="\(y)" r="4.5" fill="var(--model)"><title>model</title></circle>
        <text x="\(max(from, to) + 9)" y="\(y + 4)">\(gain)</text>
        """
    }
    let height = rows.count * 20 + 36
    return """
      <svg viewBox="0 0 940 \(height)" role="img" aria-label="PSNR of each picture, bicubic and model">
      \(axis.lines(height: height - 24))
      \(lines.joined(separator: "\n"))
      </svg>
      """
  }
}

/// A horizontal axis of decibels that starts below the least value.
struct DecibelAxis {
  private let from: Int
  private let to: Int
  private let low: Double
  private let high: Double

  /// - Parameters:
  ///   - values: What has to fit; infinite ones are drawn at the end.
  ///   - from: Where it starts, in units of the drawing.
  ///   - to: Where it ends.
  init(_ values: [Double], from: Int, to: Int) {
    let finite = values.filter(\.isFinite)
    low = ((finite.min() ?? 20) - 1).rounded(.down)
    high = max(((finite.max() ?? 40) + 1).rounded(.up), low + 4)
    self.from = from
    self.to = to
  }

  func position(_ value: Double) -> Int {
    let part = value.isFinite ? (value - low) / (high - low) : 1
    return from + Int((Double(to - from) * min(max(part, 0), 1)).rounded())
  }

  /// Vertical lines with their values, about six of them.
  func lines(height: Int) -> String {
    let step = max(1, ((high - low) / 6).rounded())
    return stride(from: low, through: high, by: step).map { value in
      let x = position(value)
      return """
        <line x1="\(x)" y1="0" x2="\(x)" y2="\(height)" stroke="var(--rule)"/>\
        <text x="\(x)" y="\(height + 16)" text-anchor="middle">\(Int(value)) dB</text>
        """
    }.joined(separator: "\n")
  }
}
