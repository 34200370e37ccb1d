#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Floats that touch an unreadable page: one float too far and the process dies of a signal.
///
/// The slack on the other side, up to the next page, and the floats themselves are NaN at first, so that whatever is read
/// without having been written shows in the results.
final class GuardedBuffer: @unchecked Sendable {
  enum Edge: String, CaseIterable, Sendable {
    /// The first float lies right behind the unreadable page.
    case start
    /// The last float lies right before it.
    case end
  }

  let pointer: UnsafeMutablePointer<Float>
  let count: Int
  private let base: UnsafeMutableRawPointer
  private let length: Int

  init(count: Int, edge: Edge) {
    self.count = count
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let inner = (max(count, 1) * 4 + page - 1) / page * page
    length = inner + 2 * page
    guard let base = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0),
      base != UnsafeMutableRawPointer(bitPattern: -1)
    else { fatalError("no memory for a guarded buffer of \(count) floats") }
    self.base = base
    let floats = (base + page).bindMemory(to: Float.self, capacity: inner / 4)
    floats.initialize(repeating: .nan, count: inner / 4)
    pointer = edge == .start ? floats : floats + (inner / 4 - count)
    guard mprotect(base, page, PROT_NONE) == 0, mprotect(base + page + inner, page, PROT_NONE) == 0 else {
      fatalError("cannot protect the pages around a guarded buffer")
    }
  }

  /// Holds the `count` floats at `source`.
  convenience init(copying source: UnsafePointer<Float>, count: Int, edge: Edge) {
    self.init(count: count, edge: edge)
    pointer.update(from: source, count: count)
  }

  deinit { munmap(base, length) }
}
