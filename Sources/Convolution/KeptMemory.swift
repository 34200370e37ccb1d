import Synchronization

/// Memory that work has given back, for the next that needs as much, on any thread.
final class KeptMemory: Sendable {
  static let shared = KeptMemory(limit: 16 << 20)

  /// Bytes that are kept at most: what the network takes for 512 x 512 pixels with two threads. For more the time to map it
  /// counts little.
  let limit: Int
  /// Given back last is last.
  private let mappings = Mutex<[MappedMemory]>([])

  init(limit: Int) { self.limit = limit }

  deinit {
    for mapping in mappings.withLock({ $0 }) { mapping.unmap() }
  }

  /// The smallest that is large enough, if it is not more than twice as large; else new memory, which is zero.
  func take(byteCount: Int) -> MappedMemory {
    let least = max(byteCount, 1)
    let kept = mappings.withLock { mappings -> MappedMemory? in
      let fitting = mappings.indices.filter { (least...2 * least).contains(mappings[$0].byteCount) }
      return fitting.min { mappings[$0].byteCount < mappings[$1].byteCount }.map { mappings.remove(at: $0) }
    }
    return kept ?? MappedMemory(byteCount: least)
  }

  /// Keeps the memory, if need be instead of what was given back before it, longest ago first.
  func give(_ mapping: MappedMemory) {
    let surplus = mappings.withLock { mappings in
      mappings.append(mapping)
      var surplus: [MappedMemory] = []
      while Self.byteCount(mappings) > limit { surplus.append(mappings.removeFirst()) }
      return surplus
    }
    for mapping in surplus { mapping.unmap() }
  }

  /// Bytes that are kept now.
  var byteCount: Int { mappings.withLock { Self.byteCount($0) } }

  private static func byteCount(_ mappings: [MappedMemory]) -> Int {
    mappings.reduce(0) { $0 + $1.byteCount }
  }
}
