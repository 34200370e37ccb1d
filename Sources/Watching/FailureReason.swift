package import Folders
package import Foundation

/// Why an input was given up, as it is written beside it.
package struct FailureReason: Sendable, Codable, Equatable {
  package static let suffix = Array(".json".utf8)

  /// Below the watched folder; escaped, so that the bytes can be had back.
  package var file: String
  package var reason: String
  package var attempts: Int
  /// SHA-256 of the content, in hexadecimal; nil when it was never read.
  package var content: String?
  /// Bytes.
  package var size: Int64
  /// ISO 8601, UTC.
  package var time: String

  package init(
    _ path: RelativePath, reason: String, attempts: Int, content: String?, size: Int64, time: Date = Date()
  ) {
    file = path.description
    self.reason = reason
    self.attempts = attempts
    self.content = content
    self.size = size
    self.time = time.formatted(.iso8601)
  }

  package var json: [UInt8] { encoded(self) }

  /// Nil if the bytes are no such reason.
  init?(json: [UInt8]) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let reason = try? decoder.decode(Self.self, from: Data(json)) else { return nil }
    self = reason
  }
}

/// JSON for people and programs: sorted keys, one to a line, a newline at the end.
func encoded(_ value: some Encodable) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  // Strings, numbers and nothing that JSON does not have.
  guard let data = try? encoder.encode(value) else { preconditionFailure("\(value) has no JSON") }
  return Array(data) + [UInt8(ascii: "\n")]
}
