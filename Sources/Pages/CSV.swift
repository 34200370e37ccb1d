/// A row of RFC 4180 without its line end: cells are quoted where need be. A text that a spreadsheet would compute gets
/// an apostrophe before it, for a file's name is no formula.
package func csvRow(_ cells: [String]) -> String {
  cells.map(cell).joined(separator: ",")
}

private func cell(_ text: String) -> String {
  var text = text
  if let first = text.first, "=+-@\t\r".contains(first), Double(text) == nil { text = "'" + text }
  guard text.contains(where: { ",\"".contains($0) || $0.isNewline }) else { return text }
  return "\"" + text.replacing("\"", with: "\"\"") + "\""
}
