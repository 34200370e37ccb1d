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
  private let memory: Memory

  private enum Memory {
    case allocated(UnsafeMutableRawPointer)
    case mapped(UnsafeMutableRawPointer, length: Int)
    /// Of a buffer that several share.
    case shared(FloatBuffer)
  }

  package init(count: Int) {
    precondition(count >= 0)
    self.count = count
    let start: UnsafeMutableRawPointer
    (memory, start) =
      count * 4 < hugePage ? Self.allocate(count: count) : Self.map(byteCount: count * 4)
    pointer = start.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  /// Some of another's floats, which live as long as this does; one of several that do not overlap, and begin at multiples
  /// of 16. What is large together gets huge pages.
  package init(_ range: Range<Int>, of whole: FloatBuffer) {
    precondition(range.lowerBound >= 0 && range.upperBound <= whole.count && range.lowerBound % 16 == 0)
    count = range.count
    pointer = whole.pointer + range.lowerBound
    memory = .shared(whole)
  }

  /// A copy of its own.
  package convenience init(copying other: FloatBuffer) {
    self.init(count: other.count)
    pointer.update(from: other.pointer, count: count)
  }

  deinit {
    switch memory {
    case .allocated(let memory): free(memory)
    case .mapped(let memory, let length): munmap(memory, length)
    case .shared: break
    }
  }
}

// MARK: - Memory

/// What one entry of the table of pages covers at most, on most machines.
private let hugePage = 2 << 20

extension FloatBuffer {
  private static func allocate(count: Int) -> (Memory, start: UnsafeMutableRawPointer) {
    // Large memory that the system gives is zero already, and comes page by page when it is first written.
    guard let memory = calloc(count + 32, 4) else { fatalError("no memory for \(count) floats") }
    let start = memory.alignedUp(toMultipleOf: 64)
    populate(start, byteCount: count * 4)
    return (.allocated(memory), start)
  }

  private static func map(byteCount: Int) -> (Memory, start: UnsafeMutableRawPointer) {
    let length = byteCount + hugePage
    let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let memory, memory != MAP_FAILED else { fatalError("no memory for \(byteCount) bytes") }
    let start = memory.alignedUp(toMultipleOf: hugePage)
    #if os(Linux)
      // A page of two megabytes is cleared and found faster than 512 small ones: of the packed weights, 19 MB of VDSR's, every
      // layer reads a megabyte.
      _ = madvise(start, byteCount, MADV_HUGEPAGE)
    #endif
    populate(start, byteCount: byteCount)
    return (.mapped(memory, length: length), start)
  }

  /// Has the system map all pages of large memory in one call, where it can (Linux 5.14), instead of one by one as they
  /// are first written: of a small picture's time the packed weights' 5,000 page faults were a tenth.
  private static func populate(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    #if os(Linux)
      let page = 4096
      let first = start.alignedUp(toMultipleOf: page)
      let length = start + byteCount - first
      let populateForWriting: Int32 = 23  // MADV_POPULATE_WRITE, which not every system's headers have
      if length >= 1 << 18 { _ = madvise(first, length & ~(page - 1), populateForWriting) }
    #endif
  }
}
