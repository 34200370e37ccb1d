import Stages
import Yams

extension JobFile {
  /// The root of the only document in a text.
  static func root(of text: String) throws(JobFileError) -> Node {
    // Editors on Windows begin a file with it.
    let text = text.first == "\u{feff}" ? String(text.dropFirst()) : text
    try refuseAnchors(text)
    do {
      guard let root = try Yams.compose(yaml: text) else { throw JobFileError("the file is empty") }
      return root
    } catch let error as JobFileError {
      throw error
    } catch let error as YamlError {
      throw JobFileError(error)
    } catch {
      throw JobFileError("\(error)")
    }
  }

  /// Anchors let a short text stand for an endless one. A job has no use for them.
  private static func refuseAnchors(_ text: String) throws(JobFileError) {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      var quote: Character?
      // Whether a value can begin here, behind what can stand before one.
      var begins = true
      var isTag = false
      var previous: Character = " "
      scan: for (column, character) in line.enumerated() {
        defer { previous = character }
        if let open = quote {
          if character == open { quote = nil }
          continue
        }
        switch character {
        case " ", "\t":
          begins = begins || isTag || ":-?".contains(previous)
          isTag = false
        case "[", "{", ",": begins = true
        case "#" where " \t".contains(previous): break scan
        case "&" where begins:
          throw JobFileError(
            line: index + 1, column: column + 1,
            "a value that begins with '&' would be an anchor, which job files don't have; put it in quotes")
        default:
          if begins, character == "'" || character == "\"" { quote = character }
          isTag = isTag || begins && character == "!"
          begins = false
        }
      }
    }
  }
}

extension JobFileError {
  init(_ error: YamlError) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let isAlias = problem.contains("alias") || context?.text.contains("alias") == true
      let said = printable(problem, limit: 200)
      let reason =
        if isAlias {
          "\(said); put a pattern that begins with '*' in quotes, such as '*.jpg'"
        } else if problem.contains("cannot start any token") {
          "\(said); indent by spaces instead of tabs, and put a value that begins with @, % or ` in quotes"
        } else if problem.contains("did not find expected key") {
          "\(said); begin the keys of a block in one column, and put a text that begins with { or [ in quotes"
        } else if problem.contains("mapping values") {
          "\(said); begin the keys of a block in one column, and put a text that has a colon and a space in it in quotes"
        } else if problem.contains("block sequence entries") {
          "\(said); begin a list in a line of its own, and put a - that is a name in quotes"
        } else if problem.contains("another document") {
          "a second document begins here; a job is a single one: leave it out, or give it a file of its own"
        } else if problem.contains("nesting level") {
          // The parser's own words name a function of C.
          "lists and keys are too deep within each other; a job has no use for so many brackets or braces"
        } else {
          said
        }
      self.init(line: mark.line, column: mark.column, reason)
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "'\(printable($0))'" }.joined(separator: ", ")
      self.init(
        line: context.mark.line, column: context.mark.column, "the key \(names) stands here more than once")
    case .reader(let problem, _, _, _):
      self.init("it can't be read as YAML: \(printable(problem, limit: 200))")
    default: self.init("it can't be read as YAML: \(printable("\(error)", limit: 200))")
    }
  }
}
