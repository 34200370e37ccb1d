import CPNG
import Pixels

/// Writes one picture as PNG, by one of two ways: by libpng's choice of filters and zlib's search for repetitions, which
/// drawings and screenshots need; or by Paeth's filter without a search, in pieces of rows side by side.
struct PNGEncoder {
  private let layout: acuity_png_layout
  private let chunks: [UInt8]
  private let threads: Int

  /// A chunk holds two gigabytes, a piece at least a row.
  private static let longestRow = 1 << 30
  /// Of pictures that are encoded while their samples come: a thread keeps some of them.
  private static let longestIncomingRow = 1 << 20

  /// For pictures of this layout. `chunks` are what to write before the pixels; see `acuity_png_encode`.
  init(_ layout: acuity_png_layout, chunks: [UInt8], threads: Int) {
    (self.layout, self.chunks, self.threads) = (layout, chunks, threads)
  }

  /// The file, with `level` as `EncodeOptions.pngLevel`.
  func encode(_ image: Image, level: Int) throws(ImageFileError.Cause) -> EncodedFile {
    if level == 0 || layout.rowBytes > Self.longestRow {
      return EncodedFile(try searched(image, level: level))
    }
    if level <= 6 {
      var prefersSearch: Int32 = 0
      let pieces = try unsafe pieces(of: image, prefersSearch: &prefersSearch)
      return prefersSearch == 0 ? try file(pieces) : EncodedFile(try searched(image, level: level))
    }
    // The smallest file is asked for: try both.
    let searched = try searched(image, level: level)
    let pieced = try file(try unsafe pieces(of: image, prefersSearch: nil))
    return pieced.count < searched.count ? pieced : EncodedFile(searched)
  }

  /// The same file of a picture that comes row by row.
  func encode(_ picture: IncomingPicture, level: Int) throws(ImageFileError.Cause) -> EncodedFile {
    guard Self.takesRows(layout, level: level) else {
      return try encode(try picture.whole(for: .png), level: level)
    }
    let source = unsafe acuity_png_source(
      pixels: nil,
      read: { context, bytes, count in
        guard let context = unsafe context else { return 0 }
        let picture = unsafe Unmanaged<IncomingPicture>.fromOpaque(context).takeUnretainedValue()
        return unsafe picture.read(UnsafeMutableRawBufferPointer(start: bytes, count: count)) ? 1 : 0
      }, context: Unmanaged.passUnretained(picture).toOpaque())
    var prefersSearch: Int32 = 0
    let pieces = try withExtendedLifetime(picture) { () throws(ImageFileError.Cause) in
      try unsafe PNGPieces.make(source, layout, threads: threads, prefersSearch: &prefersSearch)
    }
    if prefersSearch == 0 { return try file(pieces) }
    let image = try unsafe picture.whole(for: .png) { unsafe pieces.copyRowsRead(into: $0) }
    return EncodedFile(try searched(image, level: level))
  }

  /// Whether a picture is encoded while its rows come, instead of as a whole.
  private static func takesRows(_ layout: acuity_png_layout, level: Int) -> Bool {
    (1...6).contains(level) && layout.rowBytes <= longestIncomingRow
  }

  /// The rows that such a picture's encoding begins with.
  static func rowsAhead(_ layout: acuity_png_layout, level: Int) -> [Range<Int>] {
    guard takesRows(layout, level: level) else { return [] }
    let sample = acuity_png_sample(layout)
    return (0..<sample.bands).map { band in
      let first = Int(band * sample.band_distance)
      return first..<first + Int(sample.band_rows)
    }
  }

  private func searched(_ image: Image, level: Int) throws(ImageFileError.Cause) -> [UInt8] {
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

  private func pieces(
    of image: Image, prefersSearch: UnsafeMutablePointer<Int32>?
  ) throws(ImageFileError.Cause) -> PNGPieces {
    let result: Result<PNGPieces, ImageFileError.Cause> = unsafe image.samples.withUnsafePointer { pixels in
      let source = unsafe acuity_png_source(pixels: pixels, read: nil, context: nil)
      do throws(ImageFileError.Cause) {
        return .success(
          try unsafe PNGPieces.make(source, layout, threads: threads, prefersSearch: prefersSearch))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func file(_ pieces: PNGPieces) throws(ImageFileError.Cause) -> EncodedFile {
    try pieces.surround(with: chunks)
    return EncodedFile(pieces)
  }

  static func failure(_ code: Int32, _ text: String) -> ImageFileError.Cause {
    switch Int(code) {
    case ACUITY_PNG_NO_MEMORY: .outOfMemory(bytes: nil)
    case ACUITY_PNG_TRUNCATED: .encodingFailed(.png, "its samples do not come")
    default: .encodingFailed(.png, text)
    }
  }
}

extension acuity_png_layout {
  /// Bytes of a filtered row.
  fileprivate var rowBytes: Int { Int(width) * Int(channels) * Int(depth / 8) + 1 }
}
