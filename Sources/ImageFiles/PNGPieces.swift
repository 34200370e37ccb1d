import CPNG
import Pixels

/// A PNG whose rows were filtered and deflated in pieces side by side, and what surrounds them in the file: the one handle of
/// the shim's memory.
@safe final class PNGPieces {
  private let pieces: OpaquePointer
  private var frame = unsafe acuity_png_buffer()
  /// Bytes of the frame that come before the pieces.
  private var front = 0

  private init(_ pieces: OpaquePointer) { unsafe self.pieces = pieces }

  deinit {
    unsafe acuity_png_free_pieces(pieces)
    unsafe acuity_png_free(&frame)
  }

  /// Those of the rows that `source` gives. `prefersSearch` is nil, or where to say that the search for repetitions makes the
  /// file much smaller: then the pieces are not all there.
  static func make(
    _ source: acuity_png_source, _ layout: acuity_png_layout, threads: Int,
    prefersSearch: UnsafeMutablePointer<Int32>?
  ) throws(ImageFileError.Cause) -> PNGPieces {
    var made: OpaquePointer?
    do throws(ImageFileError.Cause) {
      try unsafe Message.check(PNGEncoder.failure) { message, capacity in
        unsafe acuity_png_make_pieces(
          source, layout, Int32(clamping: threads), prefersSearch, &made, message, capacity)
      }
    } catch {
      unsafe acuity_png_free_pieces(made)
      throw error
    }
    guard let made = unsafe made else { preconditionFailure("there are pieces where there is no error") }
    return unsafe PNGPieces(made)
  }

  /// Makes what surrounds the pieces; `chunks` as of `acuity_png_encode`.
  func surround(with chunks: [UInt8]) throws(ImageFileError.Cause) {
    try unsafe Message.check(PNGEncoder.failure) { message, capacity in
      unsafe acuity_png_frame(pieces, chunks, chunks.count, &frame, &front, message, capacity)
    }
  }

  /// Copies the picture's first rows, as far as they were read, and says how many bytes they have.
  func copyRowsRead(into pixels: UnsafeMutableRawPointer) -> Int {
    unsafe acuity_png_rows_read(pieces, pixels)
  }

  /// The file's bytes.
  var count: Int {
    var count = 0
    unsafe forEachPart { count += $0.count }
    return count
  }

  /// Lends the file's bytes, part after part.
  func forEachPart<Problem: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Problem) -> Void
  ) throws(Problem) {
    let frame = unsafe UnsafeRawBufferPointer(start: frame.bytes, count: frame.count)
    try unsafe body(UnsafeRawBufferPointer(rebasing: frame[..<front]))
    for index in unsafe 0..<acuity_png_piece_count(pieces) {
      var count = 0
      let start = unsafe acuity_png_piece(pieces, index, &count)
      try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }
    try unsafe body(UnsafeRawBufferPointer(rebasing: frame[front...]))
  }
}
