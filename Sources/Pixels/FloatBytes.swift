extension [Float] {
  /// The values' bytes as files have them, of each the lowest first.
  package var littleEndianBytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 4 * count) { bytes, filled in
      let raw = UnsafeMutableRawBufferPointer(bytes)
      for (index, value) in enumerated() {
        raw.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
      }
      filled = 4 * count
    }
  }

  /// The values that these bytes are, four of each.
  package init(littleEndian bytes: ArraySlice<UInt8>) {
    precondition(bytes.count.isMultiple(of: 4))
    self = bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map {
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
  }
}
