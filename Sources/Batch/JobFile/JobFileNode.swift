import Folders
import Stages
import Yams

/// A part of a job file and its place, read with a clear error for whatever it shouldn't be.
struct JobFileNode {
  let node: Node
  /// What the part is called in messages, such as `outputs`.
  let name: String
  /// What is expected where a text is read.
  var needs = "a single value"

  func error(_ reason: String) -> JobFileError {
    JobFileError(line: node.mark?.line, column: node.mark?.column, reason)
  }

  /// The value behind each key, all of which must be `known`, none twice.
  func keys(_ known: [String]) throws(JobFileError) -> [String: JobFileNode] {
    guard let mapping = node.mapping else {
      throw error("\(name) must be keys and values, such as \(known.first ?? "key"): ...")
    }
    var result: [String: JobFileNode] = [:]
    for (key, value) in mapping {
      let place = JobFileNode(node: key, name: name)
      guard let text = key.scalar?.string else { throw place.error("a key of \(name) must be a word") }
      guard known.contains(text) else {
        let hint =
          if Upscale.options.contains(where: { $0.name == text }) {
            " (a stage has it: stages: upscale:\(text)=...)"
          } else {
            nearestName(to: text, among: known).map { " (did you mean '\($0)'?)" } ?? ""
          }
        throw place.error(
          "\(name) has no key '\(printable(text))'\(hint); it takes: \(known.joined(separator: ", "))")
      }
      result[text] = JobFileNode(node: value, name: text)
    }
    return result
  }

  /// The items of a list of `kind`, such as `path`; anything else is a list of itself, and nothing is an empty one.
  func items(_ kind: String) -> [JobFileNode] {
    let nodes = node.sequence.map(Array.init) ?? (isEmpty ? [] : [node])
    return nodes.map { JobFileNode(node: $0, name: name, needs: "a \(kind) or a list of \(kind)s") }
  }

  /// Whether nothing stands after the key.
  var isEmpty: Bool {
    guard let scalar = node.scalar else { return false }
    return scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
  }

  /// A text, number or word, as it was typed.
  func text() throws(JobFileError) -> String {
    if isEmpty {
      throw error("\(name) has no value; one that begins with # is a comment unless it is in quotes")
    }
    guard let scalar = node.scalar else {
      throw error("\(name) needs \(needs); put a text that begins with { or [ in quotes")
    }
    guard !scalar.string.utf8.contains(0) else { throw error("\(name) contains a NUL character") }
    return scalar.string
  }

  func boolean() throws(JobFileError) -> Bool {
    switch try text() {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    case let other: throw error("\(name) is true or false, not '\(printable(other))'")
    }
  }

  func integer(_ range: ClosedRange<Int>) throws(JobFileError) -> Int {
    let text = try text()
    guard let value = Int(text), range.contains(value) else {
      throw error(
        "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound), not '\(printable(text))'")
    }
    return value
  }

  /// One of the words that stand for a value.
  func choice<Value: RawRepresentable & CaseIterable>(
    _ type: Value.Type
  ) throws(JobFileError) -> Value where Value.RawValue == String {
    let text = try text()
    guard let value = Value(rawValue: text) else {
      let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw error("\(name) is one of \(known), not '\(printable(text))'")
    }
    return value
  }

  /// An amount of memory, such as `512M` or `2G`.
  func memory() throws(JobFileError) -> Int {
    let text = try text()
    guard let bytes = Quantity.bytes(text), bytes >= 1 << 20 else {
      throw error("\(name) is a number of bytes such as 512M or 2G, at least 1M, not '\(printable(text))'")
    }
    return bytes
  }

  /// A number of pixels, such as `50M`.
  func pixelCount() throws(JobFileError) -> Int {
    let text = try text()
    guard let count = Quantity.pixels(text) else {
      throw error("\(name) is a number of pixels such as 50M, not '\(printable(text))'")
    }
    return count
  }
}
