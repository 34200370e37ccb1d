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
