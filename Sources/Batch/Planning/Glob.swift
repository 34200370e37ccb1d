/// A shell-like pattern over file names as bytes: `*` and `?` within a component, `[a-z]` and `[!a-z]`, `**/` for
/// any number of folders, `**` elsewhere for anything at all, a backslash before a character that is meant as itself. A pattern
/// without a slash is held against the last component, one with a slash against the whole path below the input folder, from
/// which a leading `./` or `/` says so and a trailing slash is left off.
package struct Glob: Sendable, Equatable {
  private enum Token: Sendable, Equatable {
    case byte(UInt8)
    case any
    case anyRun
    /// `**`: slashes too.
    case anyPath
    /// `**/` where a component begins: nothing, or whole components.
    case anyFolders
    case set([ClosedRange<UInt8>], isInverted: Bool)
  }

  private let tokens: [Token]
  private let isAnchored: Bool

  /// nil if a bracket or a backslash is left open, or the pattern is empty.
  package init?(_ pattern: String) {
    var tokens: [Token] = []
    var rest = Array(pattern.utf8)[...]
    if rest.isEmpty { return nil }
    let slash = UInt8(ascii: "/")
    if rest.count > 1, rest.last == slash { rest = rest.dropLast() }
    isAnchored = rest.contains(slash)
    if rest.starts(with: Array("./".utf8)) { rest = rest.dropFirst(2) }
    if rest.first == slash { rest = rest.dropFirst() }
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\\"):
        guard let next = rest.popFirst() else { return nil }
        tokens.append(.byte(next))
      case UInt8(ascii: "?"):
        tokens.append(.any)
      case UInt8(ascii: "*"):
        guard rest.first == byte else {
          tokens.append(.anyRun)
          continue
        }
        rest = rest.drop { $0 == byte }
        let beginsComponent = tokens.last.map { $0 == .byte(slash) || $0 == .anyFolders } ?? true
        if beginsComponent, rest.first == slash {
          rest = rest.dropFirst()
          tokens.append(.anyFolders)
        } else {
          tokens.append(.anyPath)
        }
      case UInt8(ascii: "["):
        guard let set = Self.set(&rest) else { return nil }
        tokens.append(set)
      default:
        tokens.append(.byte(byte))
      }
    }
    self.tokens = tokens
  }

  private static func set(_ rest: inout ArraySlice<UInt8>) -> Token? {
    let isInverted = rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^")
    if isInverted { rest = rest.dropFirst() }
    var ranges: [ClosedRange<UInt8>] = []
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "]"), !ranges.isEmpty { return .set(ranges, isInverted: isInverted) }
      let next = rest.dropFirst().first
      if rest.first == UInt8(ascii: "-"), let last = next, last != UInt8(ascii: "]"), byte <= last {
        ranges.append(byte...last)
        rest = rest.dropFirst(2)
      } else {
        ranges.append(byte...byte)
      }
    }
    return nil
  }

  /// Whether the path `path` below the input folder fits.
  ///
  /// - Complexity: O(path x pattern): all places in the pattern are followed at once, nothing is tried twice.
  package func matches(_ path: [UInt8]) -> Bool {
    let slash = UInt8(ascii: "/")
    let text = isAnchored ? path[...] : path[((path.lastIndex(of: slash) ?? -1) + 1)...]
    var places = [Bool](repeating: false, count: tokens.count + 1)
    places[0] = true
    skipRuns(&places, beginsComponent: true)
    for byte in text {
      var next = [Bool](repeating: false, count: tokens.count + 1)
      for (place, token) in tokens.enumerated() where places[place] {
        switch token {
        case .byte(let expected): if byte == expected { next[place + 1] = true }
        case .any: if byte != slash { next[place + 1] = true }
        case .anyRun: if byte != slash { next[place] = true }
        case .anyPath, .anyFolders: next[place] = true
        case .set(let ranges, let isInverted):
          if byte != slash, ranges.contains(where: { $0.contains(byte) }) != isInverted {
            next[place + 1] = true
          }
        }
      }
      skipRuns(&next, beginsComponent: byte == slash)
      places = next
    }
    return places[tokens.count]
  }

  /// Runs may be empty, and end anywhere; folders end where a component begins.
  private func skipRuns(_ places: inout [Bool], beginsComponent: Bool) {
    for (place, token) in tokens.enumerated() where places[place] {
      switch token {
      case .anyRun, .anyPath: places[place + 1] = true
      case .anyFolders where beginsComponent: places[place + 1] = true
      default: continue
      }
    }
  }
}
