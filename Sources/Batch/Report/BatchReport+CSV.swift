extension BatchReport {
  /// RFC 4180, UTF-8: a header, and a row for every output, or for the input if it has none.
  func csv() -> [UInt8] {
    var rows = [Self.columns]
    for file in files {
      let input = [
        file.input, file.inputBase64, file.result.rawValue, file.reason ?? "", file.culprit ?? "",
        file.width.map(String.init) ?? "", file.height.map(String.init) ?? "", "\(file.bytes)",
      ]
      let seconds = [String(file.seconds.computing)]
      for output in file.outputs {
        rows.append(
          input + [
            output.path, output.pathBase64, "\(output.width)", "\(output.height)", output.format,
            "\(output.bytes)", output.sha256,
          ] + seconds)
      }
      if file.outputs.isEmpty { rows.append(input + [String](repeating: "", count: 7) + seconds) }
    }
    return Array(rows.map { $0.map(Self.cell).joined(separator: ",") + "\r\n" }.joined().utf8)
  }

  private static let columns = [
    "input", "input_base64", "result", "reason", "culprit", "width", "height", "bytes", "output",
    "output_base64", "output_width", "output_height", "format", "output_bytes", "sha256", "computing_seconds",
  ]

  /// Quoted where need be. A text that a spreadsheet would compute gets an apostrophe before it: a file's name is no
  /// formula.
  private static func cell(_ text: String) -> String {
    var text = text
    if let first = text.first, "=+-@\t\r".contains(first), Double(text) == nil { text = "'" + text }
    guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
