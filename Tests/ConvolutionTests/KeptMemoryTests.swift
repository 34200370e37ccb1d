import Foundation
import Testing

@testable import Convolution

@Suite("Memory that is kept for the next work") struct KeptMemoryTests {
  private static let megabyte = 1 << 20

  @Test("What was given back is taken again, the smallest that is large enough and at most twice as large")
  func fitting() {
    let memory = KeptMemory(limit: 64 * Self.megabyte)
    let sizes = [3, 8, 5].map { $0 * Self.megabyte }
    let mappings = sizes.map { memory.take(byteCount: $0) }
    #expect(mappings.map(\.byteCount) == sizes && memory.byteCount == 0)
    for mapping in mappings { memory.give(mapping) }
    #expect(memory.byteCount == 16 * Self.megabyte)

    let taken = memory.take(byteCount: 4 * Self.megabyte)
    #expect(taken.start == mappings[2].start && taken.byteCount == sizes[2])
    let next = memory.take(byteCount: 4 * Self.megabyte)
    #expect(next.start == mappings[1].start)
    // Three megabytes are left: too much for one, too little for four.
    for size in [1, 4] {
      let new = memory.take(byteCount: size * Self.megabyte)
      #expect(new.byteCount == size * Self.megabyte && new.start != mappings[0].start)
      new.unmap()
    }
    #expect(memory.byteCount == sizes[0])
    for mapping in [taken, next] { mapping.unmap() }
  }

  @Test("No more is kept than the limit, and what was given back longest ago goes first")
  func limit() {
    let memory = KeptMemory(limit: 8 * Self.megabyte)
    let mappings = [3, 4, 5].map { memory.take(byteCount: $0 * Self.megabyte) }
    for mapping in mappings { memory.give(mapping) }
    #expect(memory.byteCount == 5 * Self.megabyte)
    memory.give(memory.take(byteCount: 9 * Self.megabyte))
    #expect(memory.byteCount == 0)
  }

  @Test("A buffer of leftovers is aligned, and all of it can be written")
  func leftovers() {
    // A size that nobody else takes.
    let count = 1_234_567
    let first = FloatBuffer(leftovers: count)
    #expect(Int(bitPattern: first.pointer) % 64 == 0 && first.count == count)
    for index in 0..<count { first.pointer[index] = 7 }
    #expect(withExtendedLifetime(first) { first.pointer[count - 1] } == 7)
    #expect(FloatBuffer(leftovers: 0).count == 0)
  }

  @Test("As much as the limit is kept, and taken again by who needs exactly that")
  func exactly() {
    let memory = KeptMemory(limit: 3 * Self.megabyte)
    let mapping = memory.take(byteCount: 3 * Self.megabyte)
    memory.give(mapping)
    #expect(memory.byteCount == 3 * Self.megabyte)
    let again = memory.take(byteCount: 3 * Self.megabyte)
    #expect(again.start == mapping.start && memory.byteCount == 0)
    again.unmap()
  }

  // In processes of their own: here the work of other tests takes and gives too, and maps what has been unmapped.

  @Test("A buffer of leftovers gets what one before it has given back")
  func givenBack() async {
    await #expect(processExitsWith: .success) {
      let count = 100_000
      let first = FloatBuffer(leftovers: count)
      withExtendedLifetime(first) { first.pointer[count - 1] = 7 }
      _ = consume first
      precondition(KeptMemory.shared.byteCount == 4 * count)
      let next = FloatBuffer(leftovers: count)
      precondition(withExtendedLifetime(next) { next.pointer[count - 1] } == 7)
      precondition(KeptMemory.shared.byteCount == 0)
      _ = consume next
    }
  }

  @Test("All that was asked for can be written, and nothing behind it", arguments: [1, 300_000, 5 << 20])
  func bounds(_ byteCount: Int) async {
    await #expect(processExitsWith: .success) { [byteCount] in
      let mapping = MappedMemory(byteCount: byteCount)
      mapping.start.storeBytes(of: 1, toByteOffset: byteCount - 1, as: UInt8.self)
      mapping.unmap()
    }
    await #expect(processExitsWith: .failure) { [byteCount] in
      let mapping = MappedMemory(byteCount: byteCount)
      // Right behind the last page.
      let page = Int(getpagesize())
      let end = (byteCount + page - 1) / page * page
      mapping.start.storeBytes(of: 1, toByteOffset: end, as: UInt8.self)
    }
  }

  @Test("What is not kept goes back to the system")
  func unmapped() async {
    await #expect(processExitsWith: .failure) {
      let memory = KeptMemory(limit: 1 << 20)
      let mapping = memory.take(byteCount: 2 << 20)
      memory.give(mapping)
      mapping.start.storeBytes(of: 1, as: UInt8.self)
    }
    await #expect(processExitsWith: .failure) {
      let memory = KeptMemory(limit: 4 << 20)
      let mapping = memory.take(byteCount: 2 << 20)
      memory.give(mapping)
      _ = consume memory
      mapping.start.storeBytes(of: 1, as: UInt8.self)
    }
  }
}
