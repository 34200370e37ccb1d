/// A row of RFC 4180 without its line end: cells are quoted where need be. A text that a spreadsheet would compute gets
/// an apostrophe before it, for a file's name is no formula.
package func csvRow(_ cells: [String]) -> String {
  cells.map(cell).joined(separator: ",")
}

/// Byte by byte: a comma that an accent follows is one `Character` with it, and still ends a cell.
private func cell(_ text: String) -> String {
  var bytes = Array(text.utf8)
  if let first = bytes.first, "=+-@\t\r".utf8.contains(first), Double(text) == nil {
    bytes.insert(UInt8(ascii: "'"), at: 0)
  }
  let quote = UInt8(ascii: "\"")
  if bytes.contains(where: ",\"\r\n".utf8.contains) {
    bytes = [quote] + bytes.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
  }
  return String(decoding: bytes, as: UTF8.self)
}
