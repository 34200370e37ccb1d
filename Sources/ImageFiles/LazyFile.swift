#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An open file whose blocks are read when they are first looked at, and some of them kept. For one thread.
///
/// What cannot be read reads as zeros and is remembered in `failure`: parsers need not know of it.
final class LazyFile {
  /// Chunk headers in a large file lie far apart: small blocks read little of what lies between.
  private static let blockSize = 4096
  /// Where the header's end usually is; read at once.
  private static let beginning = 65_536
  private static let keptBlocks = 64

  let count: Int
  private(set) var failure: ImageFileError.Cause?
  /// Bytes that have been read from the file, for tests.
  private(set) var bytesRead = 0
  private let descriptor: Int32
  private var start: [UInt8] = []
  private var blocks: [Int: [UInt8]] = [:]

  init(descriptor: Int32, count: Int) {
    self.descriptor = descriptor
    self.count = count
    start = load(0..<min(count, Self.beginning))
  }

  func byte(at position: Int) -> UInt8 {
    precondition(position >= 0 && position < count)
    if position < start.count { return start[position] }
    return block(position / Self.blockSize)[position % Self.blockSize]
  }

  func bytes(in range: Range<Int>) -> [UInt8] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    if range.upperBound <= start.count { return Array(start[range]) }
    if range.count > Self.blockSize { return load(range) }
    return range.map { byte(at: $0) }
  }

  private func block(_ index: Int) -> [UInt8] {
    if let block = blocks[index] { return block }
    if blocks.count >= Self.keptBlocks { blocks = [:] }
    let first = index * Self.blockSize
    let block = load(first..<min(first + Self.blockSize, count))
    blocks[index] = block
    return block
  }

  private func load(_ range: Range<Int>) -> [UInt8] {
    bytesRead += range.count
    return unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      while filled < range.count, failure == nil {
        let rest = unsafe UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
        let result = retrying {
          unsafe pread(
            descriptor, rest.baseAddress, min(rest.count, 1 << 30), off_t(range.lowerBound + filled))
        }
        if result < 0 { failure = .cannotRead(errno: errno) }
        if result == 0 { failure = .changedWhileReading }
        if result <= 0 { break }
        filled += result
      }
      unsafe buffer[filled...].initialize(repeating: 0)
      filled = range.count
    }
  }
}
