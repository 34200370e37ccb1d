import Stages

/// A stage with its options, for people and for programs.
struct StageDescription: Encodable {
  struct Option: Encodable {
    let name: String
    /// `integer`, `number`, `text`, `choice`, `size`, `color` or `file`.
    let kind: String
    /// Of numbers.
    let minimum: Double?
    let maximum: Double?
    /// Of choices.
    let choices: [String]?
    let defaultValue: String?
    let isRequired: Bool
    /// The range in words.
    let allowed: String
    let help: String

    enum CodingKeys: String, CodingKey {
      case name
      case kind
      case minimum
      case maximum
      case choices
      case defaultValue = "default"
      case isRequired = "required"
      case allowed
      case help
    }
  }

  let name: String
  let summary: String
  /// The shared library that the stage comes from.
  let plugIn: String?
  let options: [Option]

  enum CodingKeys: String, CodingKey {
    case name
    case summary
    case plugIn = "plugin"
    case options
  }

  init(_ entry: StageRegistry.Entry) {
    name = entry.name
    summary = entry.summary
    plugIn = entry.plugIn
    options = entry.options.map(Option.init)
  }

  /// The stage's line, then a line or two for each option.
  var text: String {
    var lines = [summary.isEmpty ? name : "\(name): \(summary)"]
    if let plugIn { lines.append("  from \(plugIn)") }
    for option in options {
      let preset = option.defaultValue.map { "=\($0)" } ?? (option.isRequired ? "=... (required)" : "=...")
      lines.append("  \(option.name)\(preset)")
      lines.append("      \(option.allowed)\(option.help.isEmpty ? "" : "; \(option.help)")")
    }
    return lines.joined(separator: "\n")
  }
}

extension StageDescription.Option {
  init(_ option: StageOption) {
    name = option.name
    defaultValue = option.defaultValue
    isRequired = option.isRequired
    allowed = option.allowed
    help = option.help
    choices = if case .choice(let words) = option.kind { words } else { nil }
    switch option.kind {
    case .integer(let range):
      (kind, minimum, maximum) = ("integer", Double(range.lowerBound), Double(range.upperBound))
    case .number(let range): (kind, minimum, maximum) = ("number", range.lowerBound, range.upperBound)
    case .text: (kind, minimum, maximum) = ("text", nil, nil)
    case .choice: (kind, minimum, maximum) = ("choice", nil, nil)
    case .size: (kind, minimum, maximum) = ("size", nil, nil)
    case .color: (kind, minimum, maximum) = ("color", nil, nil)
    case .file: (kind, minimum, maximum) = ("file", nil, nil)
    }
  }
}
