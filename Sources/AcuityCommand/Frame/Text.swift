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

  /// A file's name as a shell takes it: in quotes unless all of its bytes mean themselves.
  static func shell(_ path: Path) -> String {
    func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "/._-+,:@%=".utf8.contains(byte)
      }
    }
    // What begins like an option is a name behind a folder.
    let bytes = path.bytes.first == UInt8(ascii: "-") ? Array("./".utf8) + path.bytes : path.bytes
    if bytes.allSatisfy(isPlain) { return String(decoding: bytes, as: UTF8.self) }
    if let text = String(validating: bytes, as: UTF8.self), safe(text) == text {
      return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#)
        + "'"
    }
    return "$'" + bytes.map { isPlain($0) ? String(UnicodeScalar($0)) : hexadecimal($0) }.joined() + "'"
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    #"\x"# + (byte < 16 ? "0" : "") + String(byte, radix: 16)
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

/// `0:42`, `3:05`, `1:02:30`.
func clock(_ seconds: Double) -> String {
  let whole = Int(min(seconds, 359_999).rounded())
  func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  let (hours, minutes) = (whole / 3600, whole / 60 % 60)
  return hours > 0 ? "\(hours):\(pad(minutes)):\(pad(whole % 60))" : "\(minutes):\(pad(whole % 60))"
}
