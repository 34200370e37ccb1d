/// Numbers with a unit, as people write them on command lines and in job files.
package enum Quantity {
  /// Bytes: `512M`, `2G`, `1.5GiB`, `65536`; units are powers of 1024. nil for anything else, and below 1.
  package static func bytes(_ text: String) -> Int? {
    var text = text.uppercased()[...]
    if text.hasSuffix("IB") { text = text.dropLast(2) } else if text.hasSuffix("B") { text = text.dropLast() }
    return count(text, unit: 1024)
  }

  /// Pixels: `50M` is fifty million; units are powers of 1000. nil for anything else, and below 1.
  package static func pixels(_ text: String) -> Int? { count(text.uppercased()[...], unit: 1000) }

  private static func count(_ text: Substring, unit: Double) -> Int? {
    let units = "KMGT"
    let power = text.last.flatMap { units.firstIndex(of: $0) }
    let digits = power == nil ? text : text.dropLast()
    guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), var value = Double(digits) else {
      return nil
    }
    if let power {
      for _ in 0...units.distance(from: units.startIndex, to: power) { value *= unit }
    }
    return value >= 1 && value < 0x1p60 ? Int(value) : nil
  }
}
