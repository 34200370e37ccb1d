package import Acuity

/// What the user says of how outputs are encoded, beside their format; nil where nothing is said.
package struct EncodingChoices: Sendable {
  package var quality: Int?
  package var pngLevel: Int?
  package var progressive = false
  package var lossless: Bool?

  package init() {}

  /// As options and keys of job files are called.
  package enum Choice: String, Sendable {
    case quality
    case pngLevel = "png-level"
    case progressive, lossless
  }

  /// The first choice that `format` cannot follow or would pass over, and what it does instead.
  package func idleChoice(for format: ImageFormat) -> (choice: Choice, reason: String)? {
    if lossless == true, format == .jpeg { return (.lossless, "cannot be: jpeg is never lossless") }
    if lossless == false, format == .png { return (.lossless, "cannot be: png is always lossless") }
    if lossless == true, quality != nil, format == .webp {
      return (.quality, "does nothing for lossless webp")
    }
    let idle: [(Choice, Bool)] = [
      (.quality, quality != nil && format == .png), (.pngLevel, pngLevel != nil && format != .png),
      (.progressive, progressive && format != .jpeg),
    ]
    return idle.first { $0.1 }.map { ($0.0, "does nothing for \(format)") }
  }

  /// What is not said is as it usually is.
  package func options(metadata: EncodeOptions.MetadataPolicy) -> EncodeOptions {
    var options = EncodeOptions(progressive: progressive, lossless: lossless ?? false, metadata: metadata)
    if let pngLevel { options.pngLevel = pngLevel }
    if let quality { options.quality = quality }
    return options
  }

  /// Whether the outputs of lossless inputs are lossless too where their format leaves the choice.
  package var keepsLossless: Bool { lossless == nil && quality == nil }
}
