import Pixels

extension Image.Samples {
  /// Samples that a decoder writes straight into their final storage. Nothing of it is seen when `fill` throws.
  static func filled(
    count: Int, depth: Int, _ fill: (UnsafeMutableRawPointer) throws(ImageFileError.Cause) -> Void
  ) throws(ImageFileError.Cause) -> Image.Samples {
    depth == 16
      ? .uint16(try unsafe array(count: count, fill)) : .uint8(try unsafe array(count: count, fill))
  }

  private static func array<Sample: FixedWidthInteger>(
    count: Int, _ fill: (UnsafeMutableRawPointer) throws(ImageFileError.Cause) -> Void
  ) throws(ImageFileError.Cause) -> [Sample] {
    var failure: ImageFileError.Cause?
    let samples = unsafe [Sample](unsafeUninitializedCapacity: count) { buffer, filled in
      guard let base = buffer.baseAddress else { return }
      do throws(ImageFileError.Cause) {
        try unsafe fill(UnsafeMutableRawPointer(base))
        filled = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return samples
  }

  /// Lends the storage itself to an encoder.
  func withUnsafePointer<Result>(_ body: (UnsafeRawPointer) -> Result) -> Result {
    func lend(_ bytes: UnsafeRawBufferPointer) -> Result {
      guard let base = bytes.baseAddress else { preconditionFailure("a picture has samples") }
      return unsafe body(base)
    }
    return switch self {
    case .uint8(let values): unsafe values.withUnsafeBytes(lend)
    case .uint16(let values): unsafe values.withUnsafeBytes(lend)
    }
  }
}
