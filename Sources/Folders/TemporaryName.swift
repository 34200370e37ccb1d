/// Names of files that are not finished: `.acuity-` + 16 hexadecimal digits + `.tmp`. Short, so that they fit
/// wherever the final name fits, and recognizable, so that they are never taken for pictures and can be
/// cleared away after a kill.
package enum TemporaryName {
  package static let prefix = Array(".acuity-".utf8)
  static let suffix = Array(".tmp".utf8)

  package static func random() -> [UInt8] {
    prefix + Array(hexadecimal(UInt64.random(in: .min ... .max), digits: 16).utf8) + suffix
  }

  /// Whether `name` has exactly the form of ``random()``, or begins so, as a name does that is only tried out.
  package static func matches(_ name: [UInt8]) -> Bool {
    let digits = name.dropFirst(prefix.count).prefix(16)
    return name.starts(with: prefix) && digits.count == 16
      && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
      && name.dropFirst(prefix.count + 16).starts(with: suffix)
  }
}
