import Pixels

/// An encoded file, as it came from its codec: in one piece or in several.
package struct EncodedFile {
  private enum Storage {
    case whole([UInt8])
    case pieces(PNGPieces)
  }

  private let storage: Storage

  init(_ bytes: [UInt8]) { storage = .whole(bytes) }

  init(_ pieces: PNGPieces) { storage = .pieces(pieces) }

  package var count: Int {
    switch storage {
    case .whole(let bytes): bytes.count
    case .pieces(let pieces): pieces.count
    }
  }

  /// Lends the file's bytes, part after part.
  package func forEachPart<Problem: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Problem) -> Void
  ) throws(Problem) {
    switch storage {
    case .whole(let bytes):
      let result: Result<Void, Problem> = unsafe bytes.withUnsafeBytes { bytes in
        do throws(Problem) { return .success(try unsafe body(bytes)) } catch { return .failure(error) }
      }
      try result.get()
    case .pieces(let pieces): try unsafe pieces.forEachPart(body)
    }
  }

  /// The file in one piece.
  var bytes: [UInt8] {
    if case .whole(let bytes) = storage { return bytes }
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      unsafe LargeMemory.populate(UnsafeMutableRawBufferPointer(buffer))
      unsafe forEachPart { part in
        unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
          .copyMemory(from: part)
        filled += part.count
      }
    }
  }
}
