import Synchronization

/// Large memory that several threads write, mapped piece by piece by `LargeMemory.populate`: by the thread that comes to a piece
/// first, shortly before it writes there.
final class SharedMapping: Sendable {
  private let start: UInt
  private let byteCount: Int
  /// A bit for each piece that has been taken: there are 64 in the largest memory of `LargeMemory.sizes`.
  private let taken = Atomic<UInt64>(0)

  /// Nil for memory that is left to come page by page.
  init?(_ memory: UnsafeMutableRawBufferPointer) {
    guard let base = memory.baseAddress, LargeMemory.sizes.contains(memory.count) else { return nil }
    (start, byteCount) = (UInt(bitPattern: base), memory.count)
  }

  /// Maps what is not there yet of the pieces that these bytes, at least one, are in.
  func prepare(_ bytes: Range<Int>) {
    let pieces = bytes.lowerBound / LargeMemory.piece...(bytes.upperBound - 1) / LargeMemory.piece
    let bits = pieces.reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
    if taken.load(ordering: .relaxed) & bits == bits { return }
    let before = taken.bitwiseOr(bits, ordering: .relaxed).oldValue
    for piece in pieces where before & 1 << UInt64(piece) == 0 {
      let first = piece * LargeMemory.piece
      let count = min(LargeMemory.piece, byteCount - first)
      let place = UnsafeMutableRawPointer(bitPattern: start + UInt(first))
      LargeMemory.populate(UnsafeMutableRawBufferPointer(start: place, count: count))
    }
  }
}
