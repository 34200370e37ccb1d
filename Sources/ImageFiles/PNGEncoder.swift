import CPNG
import Pixels

/// Writes one picture as PNG, by one of two ways: by libpng's choice of filters and zlib's search for repetitions, which
/// drawings and screenshots need; or by Paeth's filter without a search, in pieces of rows side by side.
struct PNGEncoder {
  private let image: Image
  private let layout: acuity_png_layout
  private let chunks: [UInt8]
  private let threads: Int

  /// A chunk holds two gigabytes, a piece at least a row.
  private static let longestRow = 1 << 30

  /// `chunks` are what to write before the pixels; see `acuity_png_encode`.
  init(_ image: Image, chunks: [UInt8], threads: Int) {
    self.image = image
    self.chunks = chunks
    self.threads = threads
    layout = acuity_png_layout(image.size, image.layout, depth: image.samples.depth)
  }

  /// The file, with `level` as `EncodeOptions.pngLevel`.
  func encode(level: Int) throws(ImageFileError.Cause) -> [UInt8] {
    if level == 0 || rowBytes > Self.longestRow { return try searched(level: level) }
    if level <= 6 {
      guard let bytes = try piecedUnlessSearchPays() else { return try searched(level: level) }
      return bytes
    }
    // The smallest file is asked for: try both.
    let (searched, pieced) = (try searched(level: level), try pieced())
    return pieced.count < searched.count ? pieced : searched
  }

  /// Of a filtered row.
  private var rowBytes: Int { image.width * image.layout.channels * (image.samples.depth / 8) + 1 }

  private func searched(level: Int) throws(ImageFileError.Cause) -> [UInt8] {
    var out = unsafe acuity_png_buffer()
    defer { unsafe acuity_png_free(&out) }
    try unsafe Message.check(Self.failure) { message, capacity in
      unsafe image.samples.withUnsafePointer { pixels in
        unsafe acuity_png_encode(
          pixels, layout, Int32(level), chunks, chunks.count, &out, message, capacity)
      }
    }
    return unsafe out.array
  }

  private func pieced() throws(ImageFileError.Cause) -> [UInt8] {
    try unsafe pieced(prefersSearch: nil)
  }

  /// Nil where the search makes the file much smaller.
  private func piecedUnlessSearchPays() throws(ImageFileError.Cause) -> [UInt8]? {
    var prefersSearch: Int32 = 0
    let bytes = try unsafe pieced(prefersSearch: &prefersSearch)
    return prefersSearch == 0 ? bytes : nil
  }

  /// Empty where the search is preferred.
  private func pieced(prefersSearch: UnsafeMutablePointer<Int32>?) throws(ImageFileError.Cause) -> [UInt8] {
    var pieces: OpaquePointer?
    defer { unsafe acuity_png_free_pieces(pieces) }
    try unsafe Message.check(Self.failure) { message, capacity in
      unsafe image.samples.withUnsafePointer { pixels in
        unsafe acuity_png_make_pieces(
          pixels, layout, Int32(clamping: threads), prefersSearch, &pieces, message, capacity)
      }
    }
    guard let pieces = unsafe pieces, unsafe prefersSearch?.pointee ?? 0 == 0 else { return [] }
    return try unsafe joined(pieces)
  }

  private func joined(_ pieces: OpaquePointer) throws(ImageFileError.Cause) -> [UInt8] {
    var result = Result<Void, ImageFileError.Cause>.success(())
    let bound = unsafe acuity_png_file_bound(pieces, chunks.count)
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      unsafe LargeMemory.populate(UnsafeMutableRawBufferPointer(buffer))
      do throws(ImageFileError.Cause) {
        try unsafe Message.check(Self.failure) { message, capacity in
          unsafe acuity_png_write_pieces(
            pieces, chunks, chunks.count, start, &count, message, capacity)
        }
      } catch {
        result = .failure(error)
      }
    }
    try result.get()
    return bytes
  }

  private static func failure(_ code: Int32, _ text: String) -> ImageFileError.Cause {
    Int(code) == ACUITY_PNG_NO_MEMORY ? .outOfMemory(bytes: nil) : .encodingFailed(.png, text)
  }
}
