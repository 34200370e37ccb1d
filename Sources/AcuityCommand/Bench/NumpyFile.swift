import Acuity
import Foundation

/// NumPy's file of one array (`numpy.lib.format`, versions 1 to 3): here float32 in C order, a plane of `[height, width]`
/// with any number of dimensions of 1 before it.
enum NumpyFile {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// NumPy knows no arrays of more; nor would all of their header fit into a file of version 1.
  static let maximumDimensions = 64

  /// - Returns: The plane, and the shape as the file has it.
  /// - Throws: `CommandFailure` that says what is wrong with the file.
  static func read(_ path: Path) throws -> (plane: Plane, shape: [Int]) {
    let bytes = try readFile(path)
    func failure(_ cause: String) -> CommandFailure {
      CommandFailure(.unreadable, "\(path): \(cause); save a float32 array with numpy.save")
    }
    guard bytes.count >= 10, bytes.starts(with: magic) else { throw failure("is no NumPy file") }
    // Version 1 has a length of two bytes, later ones of four.
    let width = bytes[6] == 1 ? 2 : 4
    guard (1...3).contains(bytes[6]), bytes.count >= 8 + width else {
      throw failure("has an unknown version")
    }
    let length = bytes[8..<8 + width].reversed().reduce(0) { $0 << 8 | Int($1) }
    let start = 8 + width + length
    guard start <= bytes.count else { throw failure("ends within its header") }
    let header = String(decoding: bytes[(8 + width)..<start], as: UTF8.self).filter { $0 != " " }
    guard let type = entry("descr", in: header), ["'<f4'", "\"<f4\""].contains(type) else {
      throw failure("holds other values than little-endian float32")
    }
    guard entry("fortran_order", in: header) == "False" else { throw failure("is in Fortran order") }
    guard let shape = entry("shape", in: header).flatMap(shape),
      (2...maximumDimensions).contains(shape.count), shape.dropLast(2).allSatisfy({ $0 == 1 }),
      shape.suffix(2).allSatisfy({ (1...1 << 20).contains($0) })
    else { throw failure("has no shape of [height, width] or [1, 1, height, width]") }
    let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    guard bytes.count - start == 4 * rows * columns else {
      throw failure("has not as many values as its shape")
    }
    let pixels = [Float](littleEndian: bytes[start...])
    guard pixels.allSatisfy(\.isFinite) else {
      throw failure("holds infinities or values that are no numbers")
    }
    return (Plane(width: columns, height: rows, pixels: pixels), shape)
  }

  /// The bytes of a file of version 1.
  static func bytes(of plane: Plane, shape: [Int]) -> [UInt8] {
    let list = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(list)), }"
    // The values start at a multiple of 64, and the header ends in a new line.
    header += String(repeating: " ", count: (64 - (10 + header.utf8.count + 1) % 64) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    return magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(header.utf8)
      + plane.pixels.littleEndianBytes
  }

  /// The text of an entry's value in Python's dictionary, up to the comma that ends it.
  private static func entry(_ key: String, in header: String) -> String? {
    guard let name = header.range(of: "'\(key)':") ?? header.range(of: "\"\(key)\":") else { return nil }
    var value = ""
    var depth = 0
    for character in header[name.upperBound...] {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if depth == 0 && (character == "," || character == "}") { break }
      value.append(character)
    }
    return value
  }

  /// `(1,1,512,512)`.
  private static func shape(_ text: String) -> [Int]? {
    guard text.hasPrefix("("), text.hasSuffix(")") else { return nil }
    var words = text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
    if words.last == "" { words.removeLast() }
    let parts = words.map { Int($0) }
    return parts.allSatisfy { $0 != nil } ? parts.compactMap { $0 } : nil
  }
}
