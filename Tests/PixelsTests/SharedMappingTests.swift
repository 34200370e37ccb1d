import Testing

@testable import Pixels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Memory that is mapped piece by piece by the threads that write it")
struct SharedMappingTests {
  private let piece = LargeMemory.piece

  @Test("What is small or huge is left alone")
  func sizes() {
    for (count, isShared) in [(1000, false), (1 << 17, true), (1 << 25, true), ((1 << 25) + 1, false)] {
      // Not a byte of it is touched.
      let memory = UnsafeMutableRawBufferPointer(
        start: UnsafeMutableRawPointer(bitPattern: 4096), count: count)
      #expect((SharedMapping(memory) != nil) == isShared, "\(count) bytes")
    }
    #expect(SharedMapping(UnsafeMutableRawBufferPointer(start: nil, count: 0)) == nil)
  }

  #if os(Linux)
    @Test(
      "The pieces that bytes are in are mapped, and no others",
      arguments: [
        (0..<1, [0]), (524_287..<524_288, [0]), (524_287..<524_289, [0, 1]), (524_288..<524_289, [1]),
        (0..<2_000_000, [0, 1, 2, 3]), (1_999_999..<2_000_000, [3]),
      ])
    func pieces(_ bytes: Range<Int>, _ expected: [Int]) throws {
      let count = 2_000_000
      let start = try #require(
        mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
      defer { munmap(start, count) }
      // Pages of two megabytes would come all at once.
      madvise(start, count, MADV_NOHUGEPAGE)
      let mapping = try #require(SharedMapping(UnsafeMutableRawBufferPointer(start: start, count: count)))
      for _ in 1...2 {
        mapping.prepare(bytes)
        var resident = [UInt8](repeating: 0, count: (count + 4095) / 4096)
        #expect(mincore(start, count, &resident) == 0)
        // A kernel that cannot do it (before 5.14) maps nothing.
        guard resident.contains(where: { $0 & 1 == 1 }) else { return }
        for piece in 0...(count - 1) / piece {
          let pages = resident[
            piece * self.piece / 4096..<min((piece + 1) * self.piece / 4096, resident.count - 1)]
          let isMapped = expected.contains(piece)
          #expect(pages.allSatisfy { ($0 & 1 == 1) == isMapped }, "piece \(piece)")
        }
      }
    }
  #endif
}
