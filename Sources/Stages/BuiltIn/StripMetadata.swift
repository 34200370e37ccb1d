import Pixels

/// `strip-metadata`: what the file says beside its pixels is dropped.
struct StripMetadata: DeclaredStage {
  static let name = "strip-metadata"
  static let summary =
    "Drop EXIF (camera, place, time), XMP, IPTC and resolution, and the colour profile unless it is kept"
  static let options = [
    StageOption(
      "icc", .choice(["strip", "keep"]), default: "strip",
      help: "keep the colour profile; without it, colours of wide-gamut pictures are shown wrongly")
  ]

  private let keepsProfile: Bool

  init(options: StageOptions, environment: StageEnvironment) {
    keepsProfile = options.text("icc") == "keep"
  }

  func outputMetadata(for input: Metadata, size: Size, layout: Image.Layout) -> Metadata {
    keepsProfile ? input.colorOnly : Metadata()
  }

  func process(_ image: Image, context: StageContext) -> Image {
    var output = image
    output.metadata = outputMetadata(for: image.metadata, size: image.size, layout: image.layout)
    return output
  }
}
