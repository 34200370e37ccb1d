import Pixels

/// A safetensors file taken apart and checked, whatever tensors it holds.
///
///     8 bytes    n, little-endian
///     n bytes    JSON: {"__metadata__": {"key": "text"}, "name": {"dtype", "shape", "data_offsets": [begin, end]}}
///     the rest   the tensors' values, little-endian, back to back in the order of their offsets
///
/// The verdict on a file is that of the format's own Rust implementation, but for these, which that one lets pass
/// and this one refuses, because two readers could understand them differently: a repeated tensor name or
/// metadata key, a field other than the three, `null` metadata, a tensor written as a list, more than
/// `maximumRank` dimensions, more than `maximumEntries` tensors or metadata entries.
package struct SafetensorsFile: Sendable {
  package struct Tensor: Sendable, Equatable {
    package let name: String
    package let dataType: DataType
    package let shape: [UInt64]
    /// Where the values lie, in bytes from the start of the file.
    package let range: Range<Int>
  }

  package static let maximumHeaderSize = 100_000_000
  package static let maximumEntries = 4096
  package static let maximumRank = 16

  package let name: String
  private let source: Source
  package let metadata: [String: String]
  /// In the order in which they lie in the file, without gap or overlap.
  package let tensors: [Tensor]

  /// Checks the whole layout; values are not looked at. Errors call the file `name`.
  ///
  /// - Complexity: O(header), and memory of a small multiple of it, whatever the header claims.
  package init(bytes: [UInt8], name: String) throws(ModelError) {
    try self.init(.bytes(bytes), name: name)
  }

  /// The same for a file that is open; values are read when they are asked for.
  init(_ file: ModelFile, name: String) throws(ModelError) {
    try self.init(.file(file), name: name)
  }

  private init(_ source: Source, name: String) throws(ModelError) {
    func error(_ cause: ModelError.Cause, _ tensor: String? = nil) -> ModelError {
      ModelError(file: name, tensor: tensor, cause: cause)
    }
    let count = source.count
    guard count >= 8 else { throw error(.truncated(bytes: count, needed: 8)) }
    let length = try source.bytes(..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= Self.maximumHeaderSize else {
      throw error(.headerTooLarge(bytes: length, limit: Self.maximumHeaderSize))
    }
    let start = 8 + Int(length)
    guard start <= count else { throw error(.truncated(bytes: count, needed: UInt64(start))) }

    let header = try SafetensorsHeader(bytes: source.bytes(..<start), in: 8..<start, file: name)
    var end: UInt64 = 0
    var tensors: [Tensor] = []
    for entry in header.tensors {
      guard entry.begin == end, entry.end >= entry.begin else {
        throw error(.misplaced(begin: entry.begin, end: entry.end, expectedBegin: end), entry.name)
      }
      let size = entry.dataType.byteCount(shape: entry.shape)
      guard let size, size == entry.end - entry.begin else {
        throw error(.wrongSize(bytes: entry.end - entry.begin, expected: size), entry.name)
      }
      end = entry.end
      guard end <= UInt64(count - start) else {
        let needed = end.addingReportingOverflow(UInt64(start))
        throw error(.truncated(bytes: count, needed: needed.overflow ? .max : needed.partialValue))
      }
      let range = start + Int(entry.begin)..<start + Int(entry.end)
      tensors.append(Tensor(name: entry.name, dataType: entry.dataType, shape: entry.shape, range: range))
    }
    guard end == UInt64(count - start) else {
      throw error(.trailingBytes(count: UInt64(count - start) - end))
    }
    self.name = name
    self.source = source
    self.metadata = header.metadata
    self.tensors = tensors
  }

  /// The values of an `F32` tensor, all of them finite.
  package func floats(of tensor: Tensor) throws(ModelError) -> [Float] {
    guard tensor.dataType == .f32 else {
      throw ModelError(file: name, tensor: tensor.name, cause: .unsupportedDataType(tensor.dataType.rawValue))
    }
    let values = try unsafe [Float](count: tensor.range.count / 4) { (place) throws(ModelError) in
      try unsafe source.read(tensor.range.lowerBound, into: place)
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw ModelError(file: name, tensor: tensor.name, cause: .notFinite(index: index))
    }
    return values
  }
}

extension SafetensorsFile {
  /// Where the bytes are.
  private enum Source: Sendable {
    case bytes([UInt8])
    case file(ModelFile)

    var count: Int {
      switch self {
      case .bytes(let bytes): bytes.count
      case .file(let file): file.size
      }
    }

    /// Fills `buffer` with those from `start` on, which are there.
    func read(_ start: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ModelError) {
      switch self {
      case .bytes(let bytes): unsafe buffer.copyBytes(from: bytes[start..<start + buffer.count])
      case .file(let file): try unsafe file.read(start, into: buffer)
      }
    }

    func bytes(_ range: PartialRangeUpTo<Int>) throws(ModelError) -> [UInt8] {
      switch self {
      case .bytes(let bytes): return Array(bytes[range])
      case .file(let file):
        var bytes = [UInt8](repeating: 0, count: range.upperBound)
        var result = Result<Void, ModelError>.success(())
        unsafe bytes.withUnsafeMutableBytes { buffer in
          do throws(ModelError) { try unsafe file.read(0, into: buffer) } catch { result = .failure(error) }
        }
        try result.get()
        return bytes
      }
    }
  }
}

extension SafetensorsFile {
  /// The types that the format knows; the package itself uses `F32` alone.
  package enum DataType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case u8 = "U8"
    case i8 = "I8"
    case f4 = "F4"
    case f6e2m3 = "F6_E2M3"
    case f6e3m2 = "F6_E3M2"
    case f8e5m2 = "F8_E5M2"
    case f8e4m3 = "F8_E4M3"
    case f8e8m0 = "F8_E8M0"
    case f8e4m3fnuz = "F8_E4M3FNUZ"
    case f8e5m2fnuz = "F8_E5M2FNUZ"
    case i16 = "I16"
    case u16 = "U16"
    case f16 = "F16"
    case bf16 = "BF16"
    case i32 = "I32"
    case u32 = "U32"
    case f32 = "F32"
    case f64 = "F64"
    case i64 = "I64"
    case u64 = "U64"
    case c64 = "C64"

    package var bits: UInt64 {
      switch self {
      case .f4: 4
      case .f6e2m3, .f6e3m2: 6
      case .bool, .u8, .i8, .f8e5m2, .f8e4m3, .f8e8m0, .f8e4m3fnuz, .f8e5m2fnuz: 8
      case .i16, .u16, .f16, .bf16: 16
      case .i32, .u32, .f32: 32
      case .f64, .i64, .u64, .c64: 64
      }
    }

    /// Bytes that a tensor of this shape takes; `nil` where the product overflows, even if a later dimension is
    /// zero, or where it does not end on a byte.
    package func byteCount(shape: [UInt64]) -> UInt64? {
      var product: UInt64 = 1
      for factor in shape + [bits] {
        let (next, overflow) = product.multipliedReportingOverflow(by: factor)
        if overflow { return nil }
        product = next
      }
      return product % 8 == 0 ? product / 8 : nil
    }
  }
}
