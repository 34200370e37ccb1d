import Acuity
import Stages

extension Job.Output {
  /// The metadata with what has made the output, if that is to be written: the program, the digest of the weights and other
  /// files that its stages have loaded, and the scale; in XMP, which every format has a place for.
  func recorded(_ metadata: Metadata, from size: Size, to result: Size) -> Metadata {
    guard recordsProvenance else { return metadata }
    var properties = [("Program", "Acuity \(acuityVersion)")]
    let hasLoaded = stages.steps.contains { !$0.stage.loadedContent.isEmpty }
    if hasLoaded { properties.append(("Model", "sha256:\(modelDigest)")) }
    properties.append(("Scale", scaleText ?? Job.scaleText(from: size, to: result)))
    var metadata = metadata
    metadata.xmp = XMP.describing(properties, in: metadata.xmp)
    return metadata
  }
}
