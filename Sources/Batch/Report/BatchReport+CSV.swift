import Pages

extension BatchReport {
  /// RFC 4180, UTF-8: a header, and a row for every output, or for the input if it has none.
  func csv() -> [UInt8] {
    var rows = [Self.columns]
    for file in files {
      let input = [
        file.input, file.inputBase64, file.result.rawValue, file.reason ?? "", file.culprit ?? "",
        file.width.map(String.init) ?? "", file.height.map(String.init) ?? "", "\(file.bytes)",
      ]
      let end = [String(file.seconds.computing), file.doubt ?? ""]
      for output in file.outputs {
        rows.append(
          input + [
            output.path, output.pathBase64, "\(output.width)", "\(output.height)", output.format,
            "\(output.bytes)", output.sha256 ?? "",
          ] + end)
      }
      if file.outputs.isEmpty { rows.append(input + [String](repeating: "", count: 7) + end) }
    }
    return Array(rows.map { csvRow($0) + "\r\n" }.joined().utf8)
  }

  private static let columns = [
    "input", "input_base64", "result", "reason", "culprit", "width", "height", "bytes", "output",
    "output_base64", "output_width", "output_height", "format", "output_bytes", "sha256", "computing_seconds",
    "doubt",
  ]
}
