import Foundation
import Pages

extension EvaluationResults {
  /// `{"protocol", "model", "results": [{"set", "scale", "image", "bicubic_psnr", "bicubic_ssim", "psnr", "ssim"}]}`, with a mean's
  /// row, `image` null, after each set's pictures at a scale, and `"left_out"` where something is missing from the means.
  /// Infinite or missing figures are null.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let object = Encoded(
      protocol: `protocol`.rawValue, model: model,
      results: groups.flatMap { $0 + [Self.mean(of: $0)] }.map(EncodedRow.init),
      leftOut: leftOut.isEmpty ? nil : leftOut)
    do {
      return String(decoding: try encoder.encode(object), as: UTF8.self)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// A header and a line for each row; the mean's has `mean` for the picture.
  package var csv: String {
    let lines = groups.flatMap { $0 + [Self.mean(of: $0)] }.map { row in
      csvRow([
        row.set, "\(row.scale)", row.image ?? "mean",
        Self.exact(row.bicubic.psnr), row.bicubic.ssim.map(Self.exact) ?? "", Self.exact(row.model.psnr),
        row.model.ssim.map(Self.exact) ?? "",
      ])
    }
    return (["set,scale,image,bicubic_psnr,bicubic_ssim,psnr,ssim"] + lines).joined(separator: "\n")
  }

  /// For people: a block for each set and scale.
  package var table: String {
    groups.map { group in
      let title = "\(group[0].set) x\(group[0].scale)"
      let header = [title, "bicubic", "SSIM", "model", "SSIM", "gain"]
      let rows = (group + [Self.mean(of: group)]).map { row in
        [
          row.image ?? "mean", Self.short(row.bicubic.psnr, 3),
          row.bicubic.ssim.map { Self.short($0, 4) } ?? "-",
          Self.short(row.model.psnr, 3), row.model.ssim.map { Self.short($0, 4) } ?? "-",
          Self.short(row.model.psnr - row.bicubic.psnr, 3),
        ]
      }
      return Self.aligned([header] + rows)
    }.joined(separator: "\n\n")
  }

  private static func aligned(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.indices.map { column in
        let pad = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + pad : pad + row[column]
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  /// A figure with so many decimals.
  static func short(_ value: Double, _ decimals: Int) -> String {
    value.isFinite ? String(format: "%.\(decimals)f", value) : (value.isNaN ? "-" : "\(value)")
  }

  private static func exact(_ value: Double) -> String {
    value.isFinite ? String(format: "%.6f", value) : (value.isNaN ? "" : "\(value)")
  }
}

private struct Encoded: Encodable {
  let `protocol`: String
  let model: String
  let results: [EncodedRow]
  let leftOut: [String]?

  enum CodingKeys: String, CodingKey {
    case `protocol`
    case model
    case results
    case leftOut = "left_out"
  }
}

private struct EncodedRow: Encodable {
  let row: EvaluationResults.Row

  init(_ row: EvaluationResults.Row) {
    self.row = row
  }

  enum CodingKeys: String, CodingKey {
    case set
    case scale
    case image
    case bicubicPSNR = "bicubic_psnr"
    case bicubicSSIM = "bicubic_ssim"
    case psnr
    case ssim
  }

  func encode(to encoder: any Encoder) throws {
    func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(row.set, forKey: .set)
    try container.encode(row.scale, forKey: .scale)
    try container.encode(row.image, forKey: .image)
    try container.encode(finite(row.bicubic.psnr), forKey: .bicubicPSNR)
    try container.encode(finite(row.bicubic.ssim), forKey: .bicubicSSIM)
    try container.encode(finite(row.model.psnr), forKey: .psnr)
    try container.encode(finite(row.model.ssim), forKey: .ssim)
  }
}
