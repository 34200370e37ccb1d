package import Pixels

/// Something that a picture's metadata says and a format has no place for.
package struct MetadataLoss: Sendable, Hashable {
  /// As a phrase.
  package let part: String
  /// A format that has one.
  package let home: ImageFormat
}

extension Metadata {
  /// Whether the colour profile is one of gray pictures: its header (ICC.1:2022, 7.2.6) says so.
  var hasGrayProfile: Bool {
    iccProfile.map { $0.dropFirst(16).prefix(4).elementsEqual("GRAY".utf8) } ?? false
  }
}

extension ImageFormat {
  /// What a file of this format does not say though `metadata` does.
  package func losses(_ metadata: Metadata) -> [MetadataLoss] {
    var result = colorLoss(metadata).map { [MetadataLoss(part: $0, home: .png)] } ?? []
    if self != .jpeg, metadata.extendedXMP != nil {
      result.append(MetadataLoss(part: "the extension of its XMP", home: .jpeg))
    }
    if self != .jpeg, metadata.iptc != nil { result.append(MetadataLoss(part: "its IPTC", home: .jpeg)) }
    return result
  }

  private func colorLoss(_ metadata: Metadata) -> String? {
    if self == .webp, metadata.hasGrayProfile { return "the colour profile of a gray picture" }
    guard self != .png, let color = metadata.pngColor.map(PNGColor.init) else { return nil }
    if metadata.iccProfile != nil {
      return color.overridesProfile ? "the colours that a PNG states beside its profile (cICP)" : nil
    }
    return color.isOtherThanSRGB ? "the colours that a PNG states without a profile (cICP, gAMA, cHRM)" : nil
  }
}
