/// A file's bytes as the parsers see them: all of them in memory, or read from the file where they are looked at, so
/// that a header costs a few reads however large the file is.
struct Content {
  let count: Int
  /// Whether what is damaged or cut is parsed as far as it goes.
  let acceptsDamage: Bool
  private let memory: [UInt8]
  private let file: LazyFile?

  init(_ bytes: [UInt8], acceptsDamage: Bool = false) {
    (count, memory, file) = (bytes.count, bytes, nil)
    self.acceptsDamage = acceptsDamage
  }

  /// The file's bytes as far as they can be read; whoever parses them asks it afterwards whether all could.
  init(_ file: LazyFile, acceptsDamage: Bool = false) {
    (count, memory, self.file) = (file.count, [], file)
    self.acceptsDamage = acceptsDamage
  }

  var isEmpty: Bool { count == 0 }

  subscript(position: Int) -> UInt8 {
    guard let file else { return memory[position] }
    return file.byte(at: position)
  }

  /// A copy of the bytes in a range.
  subscript(range: Range<Int>) -> [UInt8] {
    guard let file else { return Array(memory[range]) }
    return file.bytes(in: range)
  }

  func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
    range.first { self[$0] == byte }
  }

  /// Whether the bytes of `text` stand at `position`.
  func has(_ text: String, at position: Int) -> Bool {
    let text = text.utf8
    return position >= 0 && position <= count - text.count
      && self[position..<position + text.count].elementsEqual(text)
  }

  func starts(with bytes: [UInt8]) -> Bool {
    bytes.count <= count && self[0..<bytes.count].elementsEqual(bytes)
  }
}
