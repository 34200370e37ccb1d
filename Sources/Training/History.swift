/// What a run has measured so far: one row for each validation.
package struct History: Sendable, Hashable, Codable {
  package struct Row: Sendable, Hashable, Codable {
    package var step: Int
    package var epoch: Double
    package var seconds: Double
    package var patches: Int
    /// Means since the last row; nil where there was no step.
    package var loss: Double?
    package var rate: Double
    package var gradientNorm: Double?
    /// PSNR in dB of each variant.
    package var psnr: [Double]

    package var meanPSNR: Double { psnr.reduce(0, +) / Double(max(psnr.count, 1)) }
  }

  package var variants: [String]
  package var baseline: [Double]
  package var rows: [Row] = []

  /// Comma-separated values, a header first; what was not measured is left empty.
  package var csv: String {
    let header =
      "step,epoch,seconds,patches,loss,rate,gradient_norm" + variants.map { ",psnr_\($0)" }.joined()
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    let lines = rows.map { row in
      "\(row.step),\(row.epoch),\(row.seconds),\(row.patches),\(text(row.loss)),\(row.rate),\(text(row.gradientNorm))"
        + row.psnr.map { ",\($0)" }.joined()
    }
    return ([header] + lines).joined(separator: "\n") + "\n"
  }
}
