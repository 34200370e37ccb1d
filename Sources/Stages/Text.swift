/// Text from outside made fit for a terminal and a log: one line, no control characters, bounded.
package func printable(_ text: String, limit: Int = 80) -> String {
  var result = ""
  var count = 0
  for scalar in text.unicodeScalars {
    if count >= limit { return result + "..." }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
      result += scalar.escaped(asASCII: true)
    default:
      result.unicodeScalars.append(scalar)
    }
    count += 1
  }
  return result
}

/// The candidate that the user most likely meant, or nil if none is close.
///
/// Close is an edit distance (insertions, deletions, substitutions and swaps of neighbours) of at most a third of
/// the longer name, or a candidate that begins with what was typed.
/// - Complexity: O(candidates x length squared); names longer than 64 characters are not compared.
package func nearestName(to typed: String, among candidates: [String]) -> String? {
  let name = Array(typed.lowercased().replacing("_", with: "-"))
  guard !name.isEmpty, name.count <= 64 else { return nil }
  var best: (distance: Int, name: String)?
  for candidate in candidates {
    let other = Array(candidate)
    guard other.count <= 64 else { continue }
    var distance = editDistance(name, other)
    if name.count >= 3, other.starts(with: name) { distance = min(distance, 1) }
    if distance <= max(name.count, other.count) / 3, distance < best?.distance ?? .max {
      best = (distance, candidate)
    }
  }
  return best?.name
}

/// The optimal string alignment distance, by three rows of the usual table.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var before = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var cost = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
      row.append(cost)
    }
    before = last
    last = row
  }
  return last[b.count]
}
