import Synchronization

/// Looks at all that a network puts out, and remembers whether an infinity or not-a-number was among it: weights can be
/// finite and still too large, and their result must not become a picture.
///
/// One look at each pixel, eight or sixteen at a time, where the layers before have taken some ten thousands of
/// multiply-adds for it.
final class FiniteCheck: Sendable {
  private let failed = Atomic(false)

  /// Whether there was one so far.
  var hasFailed: Bool { failed.load(ordering: .relaxed) }

  /// Looks at a rectangle, rows `stride` apart; from any thread.
  func look(at values: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int) {
    // Without the sign, the bits of what is no number are those of the largest whole numbers, whose maximum a vector can have.
    var largest: UInt32 = 0
    for row in 0..<rows {
      let line = values + row &* stride
      for column in 0..<columns { largest = max(largest, line[column].bitPattern & 0x7fff_ffff) }
    }
    if largest >= Float.infinity.bitPattern { failed.store(true, ordering: .relaxed) }
  }
}
