import ImageFiles
import Pixels
import Testing

/// The cause for which reading these bytes fails; records an issue and returns nil when it does not.
func failure(
  reading bytes: [UInt8], limits: Limits = Limits(), options: ReadOptions = ReadOptions(),
  sourceLocation: SourceLocation = #_sourceLocation
) -> ImageFileError.Cause? {
  do throws(ImageFileError) {
    let image = try ImageFile.read(bytes: bytes, limits: limits, options: options)
    Issue.record("read as \(image.size) instead of failing", sourceLocation: sourceLocation)
    return nil
  } catch {
    return error.cause
  }
}

extension ImageFileError.Cause {
  var isCorrupt: Bool {
    if case .corrupt = self { true } else { false }
  }

  var isTruncated: Bool {
    if case .truncated = self { true } else { false }
  }

  var isUnsupported: Bool {
    if case .unsupported = self { true } else { false }
  }
}
