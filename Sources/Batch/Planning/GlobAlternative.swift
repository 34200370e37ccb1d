/// A ``Glob`` without braces.
struct GlobAlternative: Sendable, Equatable {
  enum Token: Sendable, Equatable {
    case character(UInt32)
    case any
    case anyRun
    /// `**`: slashes too.
    case anyPath
    /// `**/` where a component begins: nothing, or whole components.
    case anyFolders
    case set([ClosedRange<UInt32>], isInverted: Bool)
  }

  private let tokens: [Token]
  private let isAnchored: Bool

  /// nil if a bracket or a backslash is left open.
  init?(_ pattern: [UInt32]) {
    var tokens: [Token] = []
    var rest = pattern[...]
    if rest.count > 1, rest.last == Self.slash { rest = rest.dropLast() }
    isAnchored = rest.contains(Self.slash)
    if rest.starts(with: [0x2E, Self.slash]) { rest = rest.dropFirst(2) }
    if rest.first == Self.slash { rest = rest.dropFirst() }
    while let character = rest.popFirst() {
      switch Unicode.Scalar(character) {
      case "\\":
        guard let next = rest.popFirst() else { return nil }
        tokens.append(.character(next))
      case "?":
        tokens.append(.any)
      case "*":
        guard rest.first == character else {
          tokens.append(.anyRun)
          continue
        }
        rest = rest.drop { $0 == character }
        let beginsComponent = tokens.last.map { $0 == .character(Self.slash) || $0 == .anyFolders } ?? true
        if beginsComponent, rest.first == Self.slash {
          rest = rest.dropFirst()
          tokens.append(.anyFolders)
        } else {
          tokens.append(.anyPath)
        }
      case "[":
        guard let set = Self.set(&rest) else { return nil }
        tokens.append(set)
      default:
        tokens.append(.character(character))
      }
    }
    self.tokens = tokens
  }

  /// The set behind its opening bracket, which is taken off `rest`; nil if it does not end.
  static func set(_ rest: inout ArraySlice<UInt32>) -> Token? {
    func isNext(_ scalar: Unicode.Scalar) -> Bool { rest.first == scalar.value }
    let isInverted = isNext("!") || isNext("^")
    if isInverted { rest = rest.dropFirst() }
    let end: Unicode.Scalar = "]"
    var ranges: [ClosedRange<UInt32>] = []
    while let character = rest.popFirst() {
      if character == end.value, !ranges.isEmpty { return .set(ranges, isInverted: isInverted) }
      let next = rest.dropFirst().first
      if isNext("-"), let last = next, last != end.value, character <= last {
        ranges.append(character...last)
        rest = rest.dropFirst(2)
      } else {
        ranges.append(character...character)
      }
    }
    return nil
  }

  /// All places in the pattern are followed at once, nothing is tried twice.
  func matches(_ path: [UInt8]) -> Bool {
    let slash = Self.slash
    let name = isAnchored ? path[...] : path[((path.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)...]
    var places = [Bool](repeating: false, count: tokens.count + 1)
    places[0] = true
    skipRuns(&places, beginsComponent: true)
    for character in Glob.characters(name) {
      var next = [Bool](repeating: false, count: tokens.count + 1)
      for (place, token) in tokens.enumerated() where places[place] {
        switch token {
        case .character(let expected): if character == expected { next[place + 1] = true }
        case .any: if character != slash { next[place + 1] = true }
        case .anyRun: if character != slash { next[place] = true }
        case .anyPath, .anyFolders: next[place] = true
        case .set(let ranges, let isInverted):
          if character != slash, ranges.contains(where: { $0.contains(character) }) != isInverted {
            next[place + 1] = true
          }
        }
      }
      skipRuns(&next, beginsComponent: character == slash)
      places = next
    }
    return places[tokens.count]
  }

  private static let slash: UInt32 = 0x2F

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
