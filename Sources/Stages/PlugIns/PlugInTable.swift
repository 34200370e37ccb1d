import CAcuityPlugin

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads a plug-in's table into Swift values and believes nothing in it: counts, texts, ranges and defaults are all
/// checked, so that a mistake is told when the library is loaded and not with the ten-thousandth picture.
struct PlugInTable {
  let path: String
  let table: acuity_plugin

  func name() throws(StageError) -> String {
    let name = try text(table.name, "the stage's name", limit: 64)
    guard let name, isName(name) else { throw wrong("the stage's name", name) }
    return name
  }

  func summary() throws(StageError) -> String {
    printable(try text(table.description, "the description", limit: Self.longestText) ?? "", limit: 200)
  }

  func options() throws(StageError) -> [StageOption] {
    guard table.option_count <= 64 else {
      throw .plugIn(path: path, reason: "its table has \(table.option_count) options; 64 are allowed")
    }
    guard table.option_count > 0 else { return [] }
    guard let rows = table.options else {
      throw .plugIn(path: path, reason: "its table announces \(table.option_count) options and holds none")
    }
    var options: [StageOption] = []
    for row in UnsafeBufferPointer(start: rows, count: Int(table.option_count)) {
      let option = try option(row)
      guard !options.contains(where: { $0.name == option.name }) else {
        throw .plugIn(path: path, reason: "its table has the option '\(option.name)' twice")
      }
      options.append(option)
    }
    return options
  }

  private func option(_ row: acuity_option) throws(StageError) -> StageOption {
    let name = try text(row.name, "an option's name", limit: 64)
    guard let name, isName(name) else { throw wrong("an option's name", name) }
    let kind = try kind(row, name)
    let help = printable(
      try text(row.help, "the help of '\(name)'", limit: Self.longestText) ?? "", limit: 200)
    let fallback = try text(row.default_value, "the default of '\(name)'", limit: Self.longestText)
    if row.is_required != 0, fallback != nil {
      throw .plugIn(
        path: path, reason: "its option '\(name)' is required and has a default; it can't be both")
    }
    let option = StageOption(name, kind, default: fallback, isRequired: row.is_required != 0, help: help)
    if let fallback, option.parse(fallback) == nil {
      throw .plugIn(
        path: path,
        reason: "its option '\(name)' has the default '\(printable(fallback))', but takes \(option.allowed)")
    }
    return option
  }

  private func kind(_ row: acuity_option, _ name: String) throws(StageError) -> StageOption.Kind {
    switch Int(row.kind) {
    case ACUITY_OPTION_INTEGER:
      // Whole numbers that a double holds exactly.
      guard let low = Int(exactly: row.minimum), let high = Int(exactly: row.maximum), low <= high,
        max(low.magnitude, high.magnitude) <= 1 << 53
      else {
        throw range(row, name, "the ends are whole numbers of at most 2^53, the lower one first")
      }
      return .integer(low...high)
    case ACUITY_OPTION_NUMBER:
      guard row.minimum.isFinite, row.maximum.isFinite, row.minimum <= row.maximum else {
        throw range(row, name, "the ends are finite numbers, the lower one first")
      }
      return .number(row.minimum...row.maximum)
    case ACUITY_OPTION_TEXT: return .text
    case ACUITY_OPTION_CHOICE: return .choice(try choices(row, name))
    case ACUITY_OPTION_SIZE: return .size
    case ACUITY_OPTION_FILE: return .file
    default: throw .plugIn(path: path, reason: "its option '\(name)' is of an unknown kind, \(row.kind)")
    }
  }

  private func choices(_ row: acuity_option, _ name: String) throws(StageError) -> [String] {
    var words: [String] = []
    var next = row.choices
    while let place = next, let word = try text(place.pointee, "a choice of '\(name)'", limit: 256) {
      guard !word.isEmpty, !words.contains(word), words.count < 256 else {
        throw .plugIn(
          path: path, reason: "the choices of its option '\(name)' are empty, repeated or more than 256")
      }
      words.append(word)
      next = place + 1
    }
    guard !words.isEmpty else {
      throw .plugIn(path: path, reason: "its option '\(name)' is a choice without choices")
    }
    return words
  }

  /// The text at `pointer`, read no further than `limit` bytes; nil for NULL.
  private func text(
    _ pointer: UnsafePointer<CChar>?, _ what: String, limit: Int
  ) throws(StageError) -> String? {
    guard let pointer else { return nil }
    let count = strnlen(pointer, limit + 1)
    guard count <= limit else {
      throw .plugIn(path: path, reason: "\(what) is longer than \(limit) bytes")
    }
    let bytes = UnsafeBufferPointer(
      start: UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt8.self), count: count)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .plugIn(path: path, reason: "\(what) isn't UTF-8")
    }
    return text
  }

  private func wrong(_ what: String, _ name: String?) -> StageError {
    .plugIn(
      path: path,
      reason: name.map {
        "\(what) is '\(printable($0))'; names are a-z, 0-9 and '-', beginning with a letter"
      }
        ?? "\(what) is missing")
  }

  private func range(_ row: acuity_option, _ name: String, _ rule: String) -> StageError {
    .plugIn(
      path: path, reason: "its option '\(name)' has the range \(row.minimum)...\(row.maximum); \(rule)")
  }

  private static let longestText = 4096
}
