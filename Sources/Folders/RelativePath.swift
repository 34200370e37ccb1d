/// The name of a file below a root folder, as the bytes the file system keeps.
///
/// Never text: a name need not be UTF-8, and two names that are equal as Unicode text may be two files.
/// Slashes separate components; no component is empty, `.` or `..`, and none contains a zero byte, so that
/// joining a path to a root cannot leave the root by name.
package struct RelativePath: Sendable, Hashable {
  package let bytes: [UInt8]

  /// `nil` for an empty path, an absolute one, or one with an empty, `.` or `..` component or a zero byte.
  package init?(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: slash, omittingEmptySubsequences: false)
    guard parts.allSatisfy({ Self.isName($0) }) else { return nil }
    self.bytes = bytes
  }

  /// The UTF-8 bytes of `text`; `nil` as above.
  package init?(_ text: String) {
    self.init(Array(text.utf8))
  }

  private init(unchecked bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Whether `name` can stand for one entry of a folder.
  package static func isName(_ name: some Collection<UInt8>) -> Bool {
    !name.isEmpty && !name.elementsEqual([dot]) && !name.elementsEqual([dot, dot])
      && !name.contains(slash) && !name.contains(0)
  }

  /// The last component.
  package var name: [UInt8] {
    bytes.lastIndex(of: slash).map { Array(bytes[($0 + 1)...]) } ?? bytes
  }

  /// All but the last component; `nil` directly below the root.
  package var folder: RelativePath? {
    bytes.lastIndex(of: slash).map { RelativePath(unchecked: Array(bytes[..<$0])) }
  }

  package var components: [[UInt8]] {
    bytes.split(separator: slash).map(Array.init)
  }

  /// The name's part after its last dot, ASCII letters in lower case; empty if there is none or if the dot is
  /// the first byte.
  package var pathExtension: [UInt8] {
    let name = name
    guard let dot = name.lastIndex(of: dot), dot > 0 else { return [] }
    return name[(dot + 1)...].map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
  }

  /// The name without its extension and the dot before it.
  package var stem: [UInt8] {
    let name = name
    guard let dot = name.lastIndex(of: dot), dot > 0 else { return name }
    return Array(name[..<dot])
  }

  /// The entry `name` below this path; `nil` if `name` is no name.
  package func appending(_ name: [UInt8]) -> RelativePath? {
    Self.isName(name) ? RelativePath(unchecked: bytes + [slash] + name) : nil
  }

  /// The path with another last component; `nil` if `name` is no name.
  package func replacingName(_ name: [UInt8]) -> RelativePath? {
    guard Self.isName(name) else { return nil }
    return folder.map { RelativePath(unchecked: $0.bytes + [slash] + name) } ?? RelativePath(unchecked: name)
  }
}

extension RelativePath: Comparable {
  /// By bytes, so that the order is the same on every machine.
  package static func < (a: Self, b: Self) -> Bool {
    a.bytes.lexicographicallyPrecedes(b.bytes)
  }
}

extension RelativePath: CustomStringConvertible {
  /// For people and for JSON: see ``escaped(_:)``.
  package var description: String { escaped(bytes) }
}

let slash = UInt8(ascii: "/")
let dot = UInt8(ascii: ".")
