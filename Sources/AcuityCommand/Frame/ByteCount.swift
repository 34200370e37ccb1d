import ArgumentParser
import Batch

/// An amount of memory as people write it: `512M`, `2G`, `1.5GiB`, `65536`; units are powers of 1024.
struct ByteCount: Hashable, Sendable {
  let bytes: Int

  init(_ bytes: Int) {
    self.bytes = bytes
  }
}

extension ByteCount: ExpressibleByArgument {
  init?(argument: String) {
    guard let bytes = Quantity.bytes(argument) else { return nil }
    self.init(bytes)
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
