/// Text as HTML shows it, fit for values of attributes in quotes too.
///
/// Scalar by scalar: a `<` that an accent follows is one `Character` with it, and still begins a tag.
package func htmlText(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
