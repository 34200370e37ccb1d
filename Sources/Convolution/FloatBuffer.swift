/// Floats at an address that is a multiple of 64 bytes (a cache line, an AVX-512 vector), zero at first.
///
/// The one owner of raw memory in this module. It hands out pointers and adds no locks: whoever writes is alone.
package final class FloatBuffer: @unchecked Sendable {
  package let count: Int
  package let pointer: UnsafeMutablePointer<Float>

  package init(count: Int) {
    precondition(count >= 0)
    self.count = count
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
    pointer = bytes.bindMemory(to: Float.self, capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: count)
  }

  /// A copy of its own.
  package convenience init(copying other: FloatBuffer) {
    self.init(count: other.count)
    pointer.update(from: other.pointer, count: count)
  }

  deinit { pointer.deallocate() }
}
