import Pixels

extension Model {
  /// The model as a safetensors file: the same bytes for equal models, and read back under the same name as an equal model.
  ///
  /// The header lists the metadata in the order of its keys, then the layers' tensors in the order of the layers,
  /// and is padded with spaces so that the values start at a multiple of 8 bytes.
  public func serialized() -> [UInt8] {
    var entries: [String] = []
    var values: [UInt8] = []
    func add(_ tensor: String, shape: [Int], _ floats: [Float]) {
      let begin = values.count
      values += floats.littleEndianBytes
      entries.append(
        "\(quoted(tensor)):{\"dtype\":\"F32\",\"shape\":[\(shape.map(String.init).joined(separator: ","))],"
          + "\"data_offsets\":[\(begin),\(values.count)]}")
    }
    for (index, layer) in layers.enumerated() {
      add(Self.weightName(index), shape: [layer.outputChannels, layer.inputChannels, 3, 3], layer.weights)
      if let bias = layer.bias { add(Self.biasName(index), shape: [layer.outputChannels], bias) }
    }

    // By bytes: String's own order depends on the Unicode version.
    let keys = metadata.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let texts = keys.map { "\(quoted($0)):\(quoted(metadata[$0, default: ""]))" }
    let members = ["\"__metadata__\":{\(texts.joined(separator: ","))}"] + entries
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    return littleEndian(UInt64(header.count)) + header + values
  }
}

/// The bytes of a number, the lowest first.
private func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
  stride(from: 0, to: number.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: number >> $0) }
}

/// A JSON string.
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\\(scalar)"
    case "\u{0}"..<" ":
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
