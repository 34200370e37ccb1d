public import Pixels

/// A stage's options: every value checked against the stage's table, defaults filled in.
public struct StageOptions: Sendable, Equatable {
  /// The stage's name, for error texts.
  public let stage: String
  private let table: [StageOption]
  private var values: [String: StageValue]

  /// Checks what the user gave.
  /// - Throws: `StageError` that says what is allowed: an unknown or repeated option, a value of the wrong kind or
  ///   out of range, or a required option that is missing.
  public init(stage: String, table: [StageOption], given: [StageRequest.Setting]) throws(StageError) {
    var values: [String: StageValue] = [:]
    let known = table.map(\.name)
    for setting in given {
      guard let option = table.first(where: { $0.name == setting.option }) else {
        throw .unknownOption(
          stage: stage, option: setting.option, suggestion: nearestName(to: setting.option, among: known),
          known: known)
      }
      guard values[option.name] == nil else { throw .repeatedOption(stage: stage, option: option.name) }
      guard let value = option.parse(setting.value) else {
        throw .badValue(stage: stage, option: option.name, value: setting.value, allowed: option.allowed)
      }
      values[option.name] = value
    }
    for option in table where values[option.name] == nil {
      if option.isRequired {
        throw .missingOption(stage: stage, option: option.name, allowed: option.allowed)
      }
      guard let text = option.defaultValue else { continue }
      guard let value = option.parse(text) else {
        throw .brokenPromise(
          stage: stage, reason: "has a default outside its own range: \(option.name)=\(printable(text))")
      }
      values[option.name] = value
    }
    self.stage = stage
    self.table = table
    self.values = values
  }

  /// The value of any option; nil if it was neither given nor has a default.
  /// - Precondition: `name` is in the stage's table.
  public subscript(name: String) -> StageValue? {
    precondition(table.contains { $0.name == name }, "stage \(stage) declares no option \(name)")
    return values[name]
  }

  /// The paths of the files that options name, by the options' names.
  func files(in environment: StageEnvironment) -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for option in table where option.kind == .file {
      result[option.name] = text(option.name).map(environment.resolve)
    }
    return result
  }

  /// The value of a whole number; nil as for the subscript, or if the option is of another kind.
  public func integer(_ name: String) -> Int? {
    if case .integer(let value) = self[name] { value } else { nil }
  }

  /// The value of a decimal number; nil likewise.
  public func number(_ name: String) -> Double? {
    if case .number(let value) = self[name] { value } else { nil }
  }

  /// The value of a text, a choice or a file; nil likewise.
  public func text(_ name: String) -> String? {
    if case .text(let value) = self[name] { value } else { nil }
  }

  /// The value of a size; nil likewise.
  public func size(_ name: String) -> Size? {
    if case .size(let value) = self[name] { value } else { nil }
  }

  /// The red, green and blue of a colour, 0...1; nil likewise.
  public func color(_ name: String) -> [Float]? {
    if case .color(let value) = self[name] { value } else { nil }
  }
}
