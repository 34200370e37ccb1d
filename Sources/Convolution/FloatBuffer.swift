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
    case mapped(MappedMemory)
    /// Mapped, and kept for others when it is given back.
    case kept(MappedMemory)
    /// Of a buffer that several share.
    case shared(FloatBuffer)
  }

  package init(count: Int) {
    precondition(count >= 0)
    self.count = count
    let start: UnsafeMutableRawPointer
    (memory, start) =
      count * 4 < MappedMemory.hugePage ? Self.allocate(count: count) : Self.map(byteCount: count * 4)
    pointer = start.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  /// Floats that hold anything, for work that comes again and again and reads what it has written: what earlier work has given
  /// back, if it fits. For the system to map and clear memory anew takes a sixth of the time of a picture of 32 x 32.
  package init(leftovers count: Int) {
    precondition(count >= 0)
    self.count = count
    let mapping = KeptMemory.shared.take(byteCount: count * 4)
    memory = .kept(mapping)
    pointer = mapping.start.bindMemory(to: Float.self, capacity: max(count, 1))
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
    case .mapped(let mapping): mapping.unmap()
    case .kept(let mapping): KeptMemory.shared.give(mapping)
    case .shared: break
    }
  }
}

// MARK: - Memory

extension FloatBuffer {
  private static func allocate(count: Int) -> (Memory, start: UnsafeMutableRawPointer) {
    // Large memory that the system gives is zero already, and comes page by page when it is first written.
    guard let memory = calloc(count + 32, 4) else { fatalError("no memory for \(count) floats") }
    let start = memory.alignedUp(toMultipleOf: 64)
    MappedMemory.populate(start, byteCount: count * 4)
    return (.allocated(memory), start)
  }

  private static func map(byteCount: Int) -> (Memory, start: UnsafeMutableRawPointer) {
    let mapping = MappedMemory(byteCount: byteCount)
    return (.mapped(mapping), mapping.start)
  }
}
