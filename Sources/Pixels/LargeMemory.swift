#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Memory of whole pictures and files.
package enum LargeMemory {
  /// Bytes to map at a time where memory is filled little by little: in the cache they are still there for what fills them, and
  /// no other thread waits for long that maps memory or starts a process.
  package static let piece = 1 << 19

  /// Bytes of memory that is mapped so. What is small is left as it is, and so is what is so large that others should have its
  /// pages until it needs them.
  static let sizes = 1 << 17...1 << 25

  /// Has the system map memory that will be written from end to end by a few calls, where it can (Linux 5.14), instead of page
  /// by page as it is written, which takes longer than to copy a page from a pipe.
  package static func populate(_ memory: UnsafeMutableRawBufferPointer) {
    #if os(Linux)
      let page = 4096
      guard let base = memory.baseAddress, sizes.contains(memory.count) else { return }
      let start = base.alignedUp(toMultipleOf: page)
      let end = base + memory.count
      let populateForWriting: Int32 = 23  // MADV_POPULATE_WRITE, which not every system's headers have
      for first in stride(from: start, to: end, by: piece) {
        _ = madvise(first, min(piece, end - first) & ~(page - 1), populateForWriting)
      }
    #endif
  }
}
