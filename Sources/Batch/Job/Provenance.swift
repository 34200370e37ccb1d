import Acuity

extension Job.Output {
  /// The metadata of an output in this format with what has made it, if that is to be written: the program, the digests of the
  /// weights, and the scale; in XMP, which every format has a place for.
  /// - Returns: the metadata, and whether it says so where it should.
  func recorded(
    _ metadata: Metadata, from size: Size, to result: Size, in format: ImageFormat
  ) -> (metadata: Metadata, isComplete: Bool) {
    guard recordsProvenance else { return (metadata, true) }
    var properties = [("Program", "Acuity \(acuityVersion)")]
    if let digests = weightsDigests { properties.append(("Model", digests)) }
    properties.append(("Scale", Job.scaleText(from: size, to: result)))
    let limit = format == .jpeg ? XMP.segmentLimit : .max
    let (packet, isDescribed) = XMP.describing(properties, in: metadata.xmp, limit: limit)
    var metadata = metadata
    // None for a picture that had none and gets none.
    if isDescribed || metadata.xmp != nil { metadata.xmp = packet }
    return (metadata, isDescribed)
  }
}
