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
  }

  /// A copy of its own.
  package convenience init(copying other: FloatBuffer) {
    self.init(count: other.count)
    pointer.update(from: other.pointer, count: count)
  }

  deinit { free(memory) }
}
