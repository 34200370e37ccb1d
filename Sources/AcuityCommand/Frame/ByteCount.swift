import ArgumentParser

/// An amount of memory as people write it: `512M`, `2G`, `1.5GiB`, `65536`; units are powers of 1024.
struct ByteCount: Hashable, Sendable {
  let bytes: Int

  init(_ bytes: Int) {
    self.bytes = bytes
  }
}

extension ByteCount: ExpressibleByArgument {
  init?(argument: String) {
    var text = argument.uppercased()[...]
    if text.hasSuffix("IB") { text = text.dropLast(2) } else if text.hasSuffix("B") { text = text.dropLast() }
    var unit = 1.0
    if let letter = text.last, let power = "KMGT".firstIndex(of: letter) {
      unit = Double(1 << (10 * ("KMGT".distance(from: "KMGT".startIndex, to: power) + 1)))
      text = text.dropLast()
    }
    guard text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let number = Double(text),
      number * unit >= 1, number * unit < 0x1p62
    else { return nil }
    self.init(Int(number * unit))
  }

  var defaultValueDescription: String { description }
}

extension ByteCount: CustomStringConvertible {
  /// With the largest unit that leaves at least 1, two or three digits: `1.5G`.
  var description: String {
    var value = Double(bytes)
    for unit in ["", "K", "M", "G"] {
      if value < 1024 { return Self.short(value) + unit }
      value /= 1024
    }
    return Self.short(value) + "T"
  }

  private static func short(_ value: Double) -> String {
    let tenths = (value * 10).rounded()
    return value >= 100 || tenths.truncatingRemainder(dividingBy: 10) == 0
      ? "\(Int(value.rounded()))" : "\(Int(tenths) / 10).\(Int(tenths) % 10)"
  }
}
