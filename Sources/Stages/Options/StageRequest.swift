/// A stage as a user asked for it: its name and its settings as text, not yet checked against any table.
public struct StageRequest: Sendable, Equatable {
  /// One option and what it is to be.
  public struct Setting: Sendable, Equatable {
    /// The option's name.
    public var option: String
    /// As typed, with escapes resolved.
    public var value: String

    /// A setting; nothing is checked yet.
    public init(_ option: String, _ value: String) {
      self.option = option
      self.value = value
    }
  }

  /// The stage's name.
  public var name: String
  /// In the order given.
  public var settings: [Setting]

  /// A request; nothing is checked yet.
  public init(_ name: String, _ settings: [Setting] = []) {
    self.name = name
    self.settings = settings
  }
}

extension StageRequest {
  /// Parses the value of `--stages`, such as `upscale:scale=2,sharpen:amount=0.3,radius=1`.
  ///
  /// The comma separates stages as well as a stage's options:
  ///
  ///     stages  = segment *( "," segment )
  ///     segment = name                      ; a stage without options
  ///             / name ":" setting          ; a stage with its first option
  ///             / setting                   ; a further option of the stage before
  ///     setting = option "=" value
  ///
  /// What a segment is, is decided by the first `:` or `=` in it: a colon ends a stage's name, an equals sign an
  /// option's. So a value may hold both (`file=C:a=b.png`). A backslash takes the meaning from the character after
  /// it, so that a value may hold a comma (`file=one\,two.png`), a backslash, or spaces at its ends; unescaped
  /// spaces around names and values don't count. Names are letters `a-z`, digits and `-`; which ones exist is
  /// checked later, by `StageRegistry`.
  ///
  /// - Throws: `StageError.syntax` with the place; never traps, whatever the text. At most 65,536 bytes and 64
  ///   stages.
  public static func parse(_ text: String) throws(StageError) -> [StageRequest] {
    guard text.utf8.count <= 65_536 else {
      throw .syntax(position: 1, reason: "the text is longer than 65536 bytes; use a job file")
    }
    var requests: [StageRequest] = []
    for segment in try segments(of: text) {
      let separator = segment.firstIndex { $0.isPlain(":") || $0.isPlain("=") }
      if let separator, segment[separator].isPlain("=") {
        guard !requests.isEmpty else {
          throw .syntax(
            position: segment.position,
            reason: "'\(printable(segment.text))' is an option without a stage; begin with a stage's name, "
              + "such as upscale:scale=2")
        }
        requests[requests.count - 1].settings.append(try setting(segment))
        continue
      }
      guard requests.count < 64 else {
        throw .syntax(position: segment.position, reason: "more than 64 stages")
      }
      guard let separator else {
        requests.append(StageRequest(try name(segment, of: "stage")))
        continue
      }
      var request = StageRequest(try name(segment[..<separator].trimmed, of: "stage", at: segment.position))
      let rest = segment[(separator + 1)...].trimmed
      guard !rest.isEmpty else {
        throw .syntax(
          position: segment[separator].position,
          reason:
            "an option is missing after '\(printable(request.name)):'; write \(request.name):option=value, "
            + "or the name alone")
      }
      request.settings.append(try setting(rest))
      requests.append(request)
    }
    return requests
  }

  /// `option=value`.
  private static func setting(_ segment: ArraySlice<Letter>) throws(StageError) -> Setting {
    guard let equals = segment.firstIndex(where: { $0.isPlain("=") }) else {
      throw .syntax(
        position: segment.position, reason: "'\(printable(segment.text))' has no '='; write option=value")
    }
    return Setting(
      try name(segment[..<equals].trimmed, of: "option", at: segment.position),
      segment[(equals + 1)...].trimmed.text)
  }

  private static func name(
    _ letters: ArraySlice<Letter>, of what: String, at position: Int? = nil
  ) throws(StageError) -> String {
    let text = letters.text
    guard !isName(text) else { return text }
    throw .syntax(
      position: letters.first?.position ?? position ?? 1,
      reason: text.isEmpty
        ? "the name of \(what == "stage" ? "a stage" : "an option") is missing"
        : "'\(printable(text))' can't be the name of \(what == "stage" ? "a stage" : "an option"): "
          + "names are a-z, 0-9 and '-'")
  }
}

/// A character, whether it was escaped, and where it stands, from 1.
private struct Letter {
  var character: Unicode.Scalar
  var isEscaped: Bool
  var position: Int

  func isPlain(_ other: Unicode.Scalar) -> Bool { !isEscaped && character == other }
}

extension ArraySlice<Letter> {
  fileprivate var position: Int { first?.position ?? 1 }

  fileprivate var text: String {
    var text = ""
    for letter in self { text.unicodeScalars.append(letter.character) }
    return text
  }

  /// Without unescaped spaces and tabs at the ends.
  fileprivate var trimmed: Self {
    let isSpace = { (letter: Letter) in letter.isPlain(" ") || letter.isPlain("\t") }
    var slice = self.drop(while: isSpace)
    while let last = slice.last, isSpace(last) { slice.removeLast() }
    return slice
  }
}

extension StageRequest {
  /// The text cut at its unescaped commas.
  private static func segments(of text: String) throws(StageError) -> [ArraySlice<Letter>] {
    var letters: [Letter] = []
    var isEscaped = false
    var position = 0
    for scalar in text.unicodeScalars {
      position += 1
      guard scalar.value != 0 else { throw .syntax(position: position, reason: "a NUL character") }
      if !isEscaped, scalar == "\\" {
        isEscaped = true
        continue
      }
      letters.append(Letter(character: scalar, isEscaped: isEscaped, position: position))
      isEscaped = false
    }
    guard !isEscaped else {
      throw .syntax(position: position, reason: "nothing follows the backslash; write \\\\ for a backslash")
    }
    var result: [ArraySlice<Letter>] = []
    for piece in letters.split(omittingEmptySubsequences: false, whereSeparator: { $0.isPlain(",") }) {
      let segment = piece.trimmed
      guard !segment.isEmpty else {
        throw .syntax(
          position: piece.startIndex < letters.count ? letters[piece.startIndex].position : position + 1,
          reason: "a stage is missing here; write name or name:option=value")
      }
      result.append(segment)
    }
    return result
  }
}

extension StageRequest: CustomStringConvertible {
  /// In the form that `parse` reads.
  public var description: String {
    var text = name
    for (index, setting) in settings.enumerated() {
      text += "\(index == 0 ? ":" : ",")\(setting.option)=\(Self.escape(setting.value))"
    }
    return text
  }

  private static func escape(_ value: String) -> String {
    var text = ""
    for scalar in value.unicodeScalars {
      if scalar == "," || scalar == "\\" || scalar == " " || scalar == "\t" {
        text.unicodeScalars.append("\\")
      }
      text.unicodeScalars.append(scalar)
    }
    return text
  }
}
