import Batch

extension JobSetting {
  /// As an option of a command: `--if-exists verify, overwrite or rename`.
  func option(_ values: [String]) -> String {
    "--\(rawValue)" + (values.isEmpty || values == ["true"] ? "" : " \(Self.choice(values))")
  }

  /// As a line of a job file.
  func line(_ values: [String]) -> String {
    "\(rawValue)" + (values.isEmpty ? "" : ": \(Self.choice(values))") + " in the job file"
  }

  private static func choice(_ values: [String]) -> String {
    guard let last = values.last, values.count > 1 else { return values.first ?? "" }
    return values.dropLast().joined(separator: ", ") + " or " + last
  }
}
