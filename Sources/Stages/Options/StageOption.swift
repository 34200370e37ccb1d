public import Pixels

/// One row of a stage's option table: a name, what values it takes, its default and a line of help.
public struct StageOption: Sendable, Equatable {
  /// What values an option takes.
  public enum Kind: Sendable, Equatable {
    /// A whole number.
    case integer(ClosedRange<Int>)
    /// A finite decimal number.
    case number(ClosedRange<Double>)
    /// Any text.
    case text
    /// One of these words.
    case choice([String])
    /// `WIDTHxHEIGHT` in pixels, each 1...`TargetSize.largestSide`.
    case size
    /// `white`, `black`, or red, green and blue as `RRGGBB` in hexadecimal, with or without a `#`.
    case color
    /// The path of a file.
    case file
  }

  /// What the user types: as a stage's name, see `DeclaredStage.name`.
  public let name: String
  /// What values it takes.
  public let kind: Kind
  /// As the user would type it; nil if the option is simply absent unless given.
  public let defaultValue: String?
  /// Whether the stage cannot be made without it.
  public let isRequired: Bool
  /// One line for people.
  public let help: String

  /// A row of a table; its default, if it has one, must be a value that it takes.
  ///
  /// - Precondition: a required option has no default.
  public init(
    _ name: String, _ kind: Kind, default defaultValue: String? = nil, isRequired: Bool = false, help: String
  ) {
    precondition(!isRequired || defaultValue == nil, "a required option has no default")
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.isRequired = isRequired
    self.help = help
  }
}

/// A checked value of an option.
public enum StageValue: Sendable, Equatable {
  /// Within the option's range.
  case integer(Int)
  /// Finite, within the option's range.
  case number(Double)
  /// Of a text, a choice or a file.
  case text(String)
  /// Sides of 1...`TargetSize.largestSide`.
  case size(Size)
  /// Red, green and blue, 0...1.
  case color([Float])
}

extension StageOption {
  /// What the option takes, for people: `a number from 0 to 5`.
  public var allowed: String {
    switch kind {
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range): "a number from \(short(range.lowerBound)) to \(short(range.upperBound))"
    case .text: "a text"
    case .choice(let words): "one of \(words.joined(separator: ", "))"
    case .size: "a size WIDTHxHEIGHT in pixels, each from 1 to \(TargetSize.largestSide)"
    case .color: "white, black, or red, green and blue in hexadecimal as in ffa500"
    case .file: "the path of a file"
    }
  }

  /// The value of `text`, or nil if it isn't one that the option takes.
  ///
  /// Numbers are plain decimals with an optional exponent; `nan`, `inf`, hexadecimal and anything with spaces inside
  /// are not numbers.
  func parse(_ text: String) -> StageValue? {
    switch kind {
    case .integer(let range):
      guard let value = Self.integer(text), range.contains(value) else { return nil }
      return .integer(value)
    case .number(let range):
      guard text.utf8.count <= 64, text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
        let value = Double(text), value.isFinite, range.contains(value)
      else { return nil }
      return .number(value == 0 ? 0 : value)
    case .text:
      return text.utf8.contains(0) ? nil : .text(text)
    case .file:
      return text.isEmpty || text.utf8.contains(0) ? nil : .text(text)
    case .choice(let words):
      return words.contains { $0.utf8.elementsEqual(text.utf8) } ? .text(text) : nil
    case .size:
      let sides = text.split(separator: "x", omittingEmptySubsequences: false)
      guard sides.count == 2, let width = Self.integer(sides[0]), let height = Self.integer(sides[1]),
        (1...TargetSize.largestSide).contains(width), (1...TargetSize.largestSide).contains(height)
      else { return nil }
      return .size(Size(width: width, height: height))
    case .color:
      return Self.color(text).map { .color($0) }
    }
  }

  private static func color(_ text: String) -> [Float]? {
    switch text {
    case "white": return [1, 1, 1]
    case "black": return [0, 0, 0]
    default:
      let text = (text.hasPrefix("#") ? text.dropFirst() : text[...]).utf8
      let digits = text.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
      guard text.count == 6, digits.count == 6 else { return nil }
      return [0, 2, 4].map { Float(digits[$0] * 16 + digits[$0 + 1]) / 255 }
    }
  }

  private static func integer(_ text: some StringProtocol) -> Int? {
    guard text.utf8.count <= 20, text.utf8.allSatisfy({ "0123456789+-".utf8.contains($0) }) else {
      return nil
    }
    return Int(text)
  }
}

/// A number without a needless `.0`.
func short(_ value: Double) -> String {
  Int(exactly: value).map { "\($0)" } ?? "\(value)"
}

/// Whether `name` may name a stage or an option: 1...64 of `a-z`, `0-9` and `-`, beginning with a letter.
func isName(_ name: String) -> Bool {
  let bytes = Array(name.utf8)
  let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
  guard let first = bytes.first, letters.contains(first), bytes.count <= 64 else { return false }
  return bytes.allSatisfy {
    letters.contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
  }
}
