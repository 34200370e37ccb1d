import Folders

/// A mistake in a job file: where it stands, what is wrong, and what is allowed instead.
package struct JobFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Escaped, for messages; empty while the file's name isn't known.
  package var file = ""
  /// From 1; nil if the mistake has no place, such as a key that is missing from the whole file.
  package let line: Int?
  package let column: Int?
  package let reason: String

  package init(line: Int? = nil, column: Int? = nil, _ reason: String) {
    self.line = line
    self.column = column
    self.reason = reason
  }

  /// `job.yaml:12:5: reason`, which editors jump to.
  package var description: String {
    let place = [line, column].compactMap { $0.map { ":\($0)" } }.joined()
    return "\(file.isEmpty ? "the job" : file)\(place): \(reason)"
  }
}
