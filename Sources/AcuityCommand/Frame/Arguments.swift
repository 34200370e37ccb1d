import ArgumentParser
import Folders

/// The process's arguments as text from which their bytes can be had back.
///
/// File names are bytes, and `CommandLine.arguments` turns those that are no UTF-8 into U+FFFD: the file "does not exist"
/// then. Here every byte of such an argument that is not ASCII becomes a private character of its own, U+10FF80 and up,
/// also after the parser has cut the argument at an `=`. Arguments that are UTF-8 are left alone, unless they use just
/// those characters.
enum Arguments {
  /// What the parser gets: all but the program's name.
  static var encoded: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { encode(bytes(at: $0)) }
    }
  }

  static func encode(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self), !text.unicodeScalars.contains(where: isPrivate) {
      return text
    }
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(byte < 0x80 ? Unicode.Scalar(byte) : privateScalar(byte)) }
    return String(text)
  }

  /// The bytes that stand behind an argument or a part of one.
  static func decode(_ text: String) -> [UInt8] {
    guard text.unicodeScalars.contains(where: isPrivate) else { return Array(text.utf8) }
    return text.unicodeScalars.flatMap { scalar in
      isPrivate(scalar) ? [UInt8(truncatingIfNeeded: scalar.value)] : Array(String(scalar).utf8)
    }
  }

  private static func isPrivate(_ scalar: Unicode.Scalar) -> Bool { (0x10_FF80...0x10_FFFF) ~= scalar.value }

  private static func privateScalar(_ byte: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(0x10_FF00 + UInt32(byte)) ?? "?"
  }

  private static func bytes(at argument: UnsafePointer<CChar>) -> [UInt8] {
    var bytes: [UInt8] = []
    var next = argument
    while next.pointee != 0 {
      bytes.append(UInt8(bitPattern: next.pointee))
      next += 1
    }
    return bytes
  }
}

/// A file name from the command line: bytes, whatever they are.
struct Path: Hashable, Sendable {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }
}

extension Path: ExpressibleByArgument {
  init?(argument: String) {
    let bytes = Arguments.decode(argument)
    if bytes.isEmpty { return nil }
    self.init(bytes)
  }

  static var defaultCompletionKind: CompletionKind { .file() }
}

extension Path: CustomStringConvertible {
  /// Safe to print.
  var description: String { escaped(bytes) }
}
