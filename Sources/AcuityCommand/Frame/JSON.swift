import Foundation

enum JSON {
  /// `value` on one line, or pretty on several, keys sorted and in snake case.
  ///
  /// - Precondition: Every number in it is finite; `Finite` makes null of others.
  static func text(_ value: some Encodable, pretty: Bool = false) -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// A number that becomes null where it is infinite or none.
  struct Finite: Encodable, Sendable {
    let value: Double

    init(_ value: Double) {
      self.value = value
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if value.isFinite { try container.encode(value) } else { try container.encodeNil() }
    }
  }

  /// A value of any type, for dictionaries of different ones.
  struct Value: Encodable, Sendable {
    let value: any Encodable & Sendable

    init(_ value: any Encodable & Sendable) {
      self.value = value
    }

    func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
    }
  }
}
