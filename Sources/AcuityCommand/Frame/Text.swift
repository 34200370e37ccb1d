import Folders

/// Numbers and foreign strings as people read them.
enum Text {
  /// With so many decimals, rounded half away from zero: `12.30`.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var power = 1.0
    for _ in 0..<decimals { power *= 10 }
    let scaled = (abs(value) * power).rounded()
    let whole = "\(Int64(scaled / power))"
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if decimals == 0 { return sign + whole }
    let fraction = "\(Int64(scaled) % Int64(power))"
    return sign + whole + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// Without control characters.
  static func safe(_ text: String) -> String {
    escaped(Array(text.utf8))
  }
}

extension Text {
  /// `1.2e-07`.
  static func scientific(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    var (digits, exponent) = (abs(value), 0)
    while digits >= 9.95 { (digits, exponent) = (digits / 10, exponent + 1) }
    while digits < 0.995 { (digits, exponent) = (digits * 10, exponent - 1) }
    let power = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
    return (value < 0 ? "-" : "") + fixed(digits, 1) + (exponent < 0 ? "e-" : "e+") + power
  }

  static func threads(_ count: Int) -> String { count == 1 ? "1 thread" : "\(count) threads" }

  /// `name  value` lines, the values aligned.
  static func table(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, value in
      "  " + name + String(repeating: " ", count: width - name.count + 2) + value
    }.joined(separator: "\n")
  }
}
