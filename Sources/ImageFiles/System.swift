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

package enum Memory {
  /// Whether the system would grant an allocation of so many bytes.
  ///
  /// A mapping of that size is made and undone, with no page of it touched. The optimizer leaves out a `malloc` whose
  /// memory is only freed and takes it for granted; of these calls it knows nothing.
  package static func isAvailable(_ bytes: Int) -> Bool {
    let size = max(bytes, 1)
    #if canImport(Darwin)
      let flags = MAP_PRIVATE | MAP_ANON
    #else
      let flags = MAP_PRIVATE | MAP_ANONYMOUS
    #endif
    let probe = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0)
    // MAP_FAILED, a cast that not every C library's header hands on to Swift.
    guard let probe = unsafe probe, Int(bitPattern: probe) != -1 else { return false }
    unsafe munmap(probe, size)
    return true
  }

  /// Refuses an allocation that the system would not grant: Swift's own arrays end the process instead.
  static func expect(_ bytes: Int) throws(ImageFileError.Cause) {
    guard isAvailable(bytes) else { throw .outOfMemory(bytes: bytes) }
  }
}
