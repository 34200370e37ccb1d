/// The JSON object at the start of a safetensors file: syntax and types checked, offsets not yet.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let dataType: SafetensorsFile.DataType
    let shape: [UInt64]
    /// Bytes from the start of the values.
    let begin: UInt64
    let end: UInt64
  }

  private(set) var metadata: [String: String] = [:]
  /// Ordered by where they lie.
  private(set) var tensors: [Entry] = []

  /// Reads `bytes[range]`; errors name `file`.
  init(bytes: [UInt8], in range: Range<Int>, file: String) throws(ModelError) {
    func malformed(_ failure: HeaderScanner.Failure) -> ModelError {
      ModelError(file: file, cause: .malformedHeader(offset: failure.offset, reason: failure.reason))
    }
    let tooMany = ModelError(file: file, cause: .tooManyEntries(limit: SafetensorsFile.maximumEntries))

    // Names that differ in bytes are different names to the format, even where Unicode calls them equivalent.
    var names: Set<[UInt8]> = []
    var entries: [Entry] = []
    var texts: [String: String] = [:]
    var scanner = HeaderScanner(bytes, in: range)
    try scanner.object(malformed) { (scanner, name) throws(ModelError) in
      guard names.insert(Array(name.utf8)).inserted else {
        throw malformed(scanner.failure("the key \(name.debugDescription) is there twice"))
      }
      if name == "__metadata__" {
        try scanner.object(malformed) { (scanner, key) throws(ModelError) in
          guard texts.count < SafetensorsFile.maximumEntries else { throw tooMany }
          do throws(HeaderScanner.Failure) {
            guard try texts.updateValue(scanner.string(), forKey: key) == nil else {
              throw scanner.failure("the key \(key.debugDescription) is there twice")
            }
          } catch { throw malformed(error) }
        }
      } else {
        guard entries.count < SafetensorsFile.maximumEntries else { throw tooMany }
        entries.append(try Self.entry(name, &scanner, file: file, malformed))
      }
    }
    do throws(HeaderScanner.Failure) { try scanner.expectEnd() } catch { throw malformed(error) }
    metadata = texts
    tensors = entries.sorted { ($0.begin, $0.end) < ($1.begin, $1.end) }
  }

  /// `{"dtype": "F32", "shape": [...], "data_offsets": [begin, end]}`, its fields in any order.
  private static func entry(
    _ name: String, _ scanner: inout HeaderScanner, file: String,
    _ malformed: (HeaderScanner.Failure) -> ModelError
  ) throws(ModelError) -> Entry {
    var typeName: String?
    var shape: [UInt64]?
    var offsets: [UInt64]?
    try scanner.object(malformed) { (scanner, field) throws(ModelError) in
      do throws(HeaderScanner.Failure) {
        switch field {
        case "dtype" where typeName == nil: typeName = try scanner.string()
        case "shape" where shape == nil: shape = try scanner.numbers(limit: SafetensorsFile.maximumRank)
        case "data_offsets" where offsets == nil: offsets = try scanner.numbers(limit: 2)
        default: throw scanner.failure("the field \(field.debugDescription) is unknown or there twice")
        }
      } catch { throw malformed(error) }
    }
    guard let typeName, let shape, let offsets, offsets.count == 2 else {
      throw malformed(scanner.failure("dtype, shape or data_offsets is missing"))
    }
    guard let dataType = SafetensorsFile.DataType(rawValue: typeName) else {
      throw ModelError(file: file, tensor: name, cause: .unknownDataType(typeName))
    }
    return Entry(name: name, dataType: dataType, shape: shape, begin: offsets[0], end: offsets[1])
  }
}
