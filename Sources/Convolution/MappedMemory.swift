#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Memory from the system in huge pages, zero at first. Whoever has it last unmaps it. Behind it, to the page, is nothing of
/// ours: who writes further than he has asked for should not be borne silently.
struct MappedMemory: @unchecked Sendable {
  let byteCount: Int
  /// Where a huge page begins.
  let start: UnsafeMutableRawPointer

  /// What one entry of the table of pages covers at most, on most machines.
  static let hugePage = 2 << 20

  init(byteCount: Int) {
    self.byteCount = byteCount
    let length = Self.length(byteCount) + Self.hugePage
    let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let memory, memory != MAP_FAILED else { fatalError("no memory for \(byteCount) bytes") }
    start = memory.alignedUp(toMultipleOf: Self.hugePage)
    let end = start + Self.length(byteCount)
    if start > memory { munmap(memory, start - memory) }
    if end < memory + length { munmap(end, memory + length - end) }
    #if os(Linux)
      // A page of two megabytes is cleared and found faster than 512 small ones: of the packed weights, 19 MB of VDSR's, every
      // layer reads a megabyte. Each comes when it is first written, by the thread that writes it and into its cache.
      _ = madvise(start, byteCount, MADV_HUGEPAGE)
      // What is left behind the last of them does not come page by page either.
      let whole = byteCount & ~(Self.hugePage - 1)
      Self.populate(start + whole, byteCount: byteCount - whole)
    #endif
  }

  func unmap() { munmap(start, Self.length(byteCount)) }

  /// Whole pages, at least one.
  private static func length(_ byteCount: Int) -> Int {
    let page = Int(getpagesize())
    return max(1, (byteCount + page - 1) / page) * page
  }

  /// Has the system map all pages of memory of `calloc`, which has no such pages, in one call, where it can (Linux 5.14), instead
  /// of one by one as they are first written.
  static func populate(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    #if os(Linux)
      let page = 4096
      let first = start.alignedUp(toMultipleOf: page)
      let length = start + byteCount - first
      let populateForWriting: Int32 = 23  // MADV_POPULATE_WRITE, which not every system's headers have
      if length >= 1 << 18 { _ = madvise(first, length & ~(page - 1), populateForWriting) }
    #endif
  }
}
