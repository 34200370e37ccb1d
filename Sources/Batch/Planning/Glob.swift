/// A shell-like pattern over file names: `*` and `?` within a component, `[a-z]` and `[!a-z]`, `**/` for
/// any number of folders, `**` elsewhere for anything at all, `{png,jp*g}` for either, a backslash before a character that is
/// meant as itself. A pattern without a slash is held against the last component, one with a slash against the whole path
/// below the input folder, from which a leading `./` or `/` says so and a trailing slash is left off.
///
/// A character is a Unicode scalar; in a name that is not UTF-8 each byte that belongs to none is one of its own.
package struct Glob: Sendable, Equatable {
  private let alternatives: [GlobAlternative]

  /// nil if a bracket or a backslash is left open, the pattern is empty, or its braces stand for more than a thousand.
  package init?(_ pattern: String) {
    let characters = Self.characters(Array(pattern.utf8)[...])
    guard !characters.isEmpty, let expanded = Self.expanded(characters) else { return nil }
    let alternatives = expanded.compactMap { GlobAlternative($0) }
    guard alternatives.count == expanded.count else { return nil }
    self.alternatives = alternatives
  }

  /// Whether the path `path` below the input folder fits.
  ///
  /// - Complexity: O(path x pattern x alternatives)
  package func matches(_ path: [UInt8]) -> Bool {
    alternatives.contains { $0.matches(path) }
  }

  /// The Unicode scalars of `bytes`, and each byte that belongs to none as a number beyond them.
  static func characters(_ bytes: ArraySlice<UInt8>) -> [UInt32] {
    var characters: [UInt32] = []
    var rest = bytes
    while let byte = rest.first {
      var (character, length) = (UInt32(byte), 1)
      if byte >= 0x80 {
        let bytes = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        if let scalar = String(validating: rest.prefix(bytes), as: UTF8.self)?.unicodeScalars.first {
          (character, length) = (scalar.value, bytes)
        } else {
          character += 0x11_0000
        }
      }
      characters.append(character)
      rest = rest.dropFirst(length)
    }
    return characters
  }
}

// MARK: - Braces

extension Glob {
  /// `a{b,c}d` as `abd` and `acd`, and so on; nil if these are too many. Braces without a partner or a comma are
  /// characters, as to a shell.
  private static func expanded(_ pattern: [UInt32]) -> [[UInt32]]? {
    let limit = 1000
    var open = [pattern]
    var result: [[UInt32]] = []
    while let pattern = open.popLast() {
      guard let braces = Braces.first(in: pattern) else {
        result.append(pattern)
        continue
      }
      for part in braces.parts.reversed() {
        var alternative = pattern
        alternative.replaceSubrange(braces.range, with: pattern[part])
        open.append(alternative)
      }
      if open.count + result.count > limit { return nil }
    }
    return result
  }

  /// Braces that hold alternatives.
  private struct Braces {
    let range: Range<Int>
    let parts: [Range<Int>]

    static func first(in pattern: [UInt32]) -> Braces? {
      // Those that are open, the innermost last: where each begins, and its commas.
      var open: [(start: Int, commas: [Int])] = []
      var found: Braces?
      var place = 0
      while place < pattern.count {
        switch Unicode.Scalar(pattern[place]) {
        case "\\": place += 1
        case "[":
          var rest = pattern[(place + 1)...]
          if GlobAlternative.set(&rest) != nil { place = rest.startIndex - 1 }
        case "{": open.append((place, []))
        case "," where !open.isEmpty: open[open.count - 1].commas.append(place)
        case "}":
          guard let (start, commas) = open.popLast(), !commas.isEmpty else { break }
          // Outer ones are complete after those within.
          if let found, found.range.lowerBound < start { break }
          found = Braces(
            range: start..<place + 1, parts: zip([start] + commas, commas + [place]).map { $0 + 1..<$1 })
        default: break
        }
        place += 1
      }
      return found
    }
  }
}
