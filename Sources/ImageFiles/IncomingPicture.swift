package import Pixels

/// A picture that is encoded while its samples come, so that nobody needs room for all of them.
@safe package final class IncomingPicture: Sendable {
  package let size: Size
  package let layout: Image.Layout
  /// Bits per sample: 8 or 16.
  package let depth: Int
  package let metadata: Metadata
  private let source: @Sendable (UnsafeMutableRawBufferPointer) -> Bool

  /// `source` fills memory with the next bytes: first with those of the rows that `ImageFormat.rowsAhead` names, then with all
  /// samples, in the machine's own byte order. It is called by one thread at a time, not always the same; false ends the
  /// encoding, with an error.
  package init(
    _ size: Size, _ layout: Image.Layout, depth: Int, metadata: Metadata,
    source: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Bool
  ) {
    (self.size, self.layout, self.depth, self.metadata) = (size, layout, depth, metadata)
    unsafe self.source = source
  }

  var withoutMetadata: IncomingPicture {
    unsafe IncomingPicture(size, layout, depth: depth, metadata: Metadata(), source: source)
  }

  /// False where the bytes do not come.
  func read(_ bytes: UnsafeMutableRawBufferPointer) -> Bool { unsafe source(bytes) }

  /// The whole picture, to be encoded as `format`.
  func whole(for format: ImageFormat) throws(ImageFileError.Cause) -> Image {
    try unsafe whole(for: format) { _ in 0 }
  }

  /// The same; `beginning` copies what has been read of it, and says how many bytes that was.
  func whole(
    for format: ImageFormat, beginning: (UnsafeMutableRawPointer) -> Int
  ) throws(ImageFileError.Cause) -> Image {
    let count = size.width * size.height * layout.channels
    let samples = try unsafe Image.Samples.filled(count: count, depth: depth) {
      start throws(ImageFileError.Cause) in
      let bytes = unsafe UnsafeMutableRawBufferPointer(start: start, count: count * (depth / 8))
      let copied = unsafe beginning(start)
      guard unsafe read(UnsafeMutableRawBufferPointer(rebasing: bytes[copied...])) else {
        throw .encodingFailed(format, "its samples do not come")
      }
    }
    return Image(
      width: size.width, height: size.height, layout: layout, samples: samples, metadata: metadata)
  }
}
