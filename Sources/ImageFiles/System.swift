#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The system's text for an error number.
func systemText(_ code: Int32) -> String {
  // The variant that fills the buffer, on every system (Swift does not see glibc's own).
  var text = [CChar](repeating: 0, count: 256)
  guard unsafe strerror_r(code, &text, text.count) == 0 else { return "error \(code)" }
  return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// A file's name for messages: control characters and bytes that are no UTF-8 as `\xNN`, so that a hostile name
/// can neither drive a terminal nor break a log line.
package func printable(_ path: [UInt8]) -> String {
  var result = ""
  var rest = path[...]
  while let first = rest.first {
    var scalars = rest.makeIterator()
    var decoder = UTF8()
    if case .scalarValue(let scalar) = decoder.decode(&scalars), scalar.isPlain {
      result.unicodeScalars.append(scalar)
      rest = rest.dropFirst(UTF8.width(scalar))
    } else {
      let digits = String(first, radix: 16)
      result += "\\x" + (digits.count == 1 ? "0" : "") + digits
      rest = rest.dropFirst()
    }
  }
  return result
}

extension Unicode.Scalar {
  fileprivate var isPlain: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
    default: true
    }
  }
}

enum Memory {
  /// Refuses an allocation that the system would not grant: Swift's own arrays end the process instead.
  static func expect(_ bytes: Int) throws(ImageFileError.Cause) {
    guard let probe = unsafe malloc(max(bytes, 1)) else { throw .outOfMemory(bytes: bytes) }
    unsafe free(probe)
  }
}
