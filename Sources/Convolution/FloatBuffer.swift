#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Floats at an address that is a multiple of 64 bytes (a cache line, an AVX-512 vector), zero at first.
///
/// The one owner of raw memory in this module. It hands out pointers and adds no locks: whoever writes is alone.
package final class FloatBuffer: @unchecked Sendable {
  package let count: Int
  package let pointer: UnsafeMutablePointer<Float>
  private let memory: UnsafeMutableRawPointer

  package init(count: Int) {
    precondition(count >= 0)
    self.count = count
    // Large memory that the system gives is zero already, and comes page by page when it is first written.
    guard let memory = calloc(count + 32, 4) else { fatalError("no memory for \(count) floats") }
    self.memory = memory
    pointer = memory.alignedUp(toMultipleOf: 64).bindMemory(to: Float.self, capacity: max(count, 1))
    mapPages()
  }

  /// Has the system map all pages of large memory in one call, where it can (Linux 5.14), instead of one by one as they
  /// are first written: of a small picture's time the packed weights' 5,000 page faults were a tenth.
  private func mapPages() {
    #if os(Linux)
      let page = 4096
      let first = memory.alignedUp(toMultipleOf: page)
      let length = memory + (count + 32) * 4 - first
      let populateForWriting: Int32 = 23  // MADV_POPULATE_WRITE, which not every system's headers have
      if length >= 1 << 18 { _ = madvise(first, length & ~(page - 1), populateForWriting) }
    #endif
  }

  /// A copy of its own.
  package convenience init(copying other: FloatBuffer) {
    self.init(count: other.count)
    pointer.update(from: other.pointer, count: count)
  }

  deinit { free(memory) }
}
