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
    self.init(unsafeUninitializedCapacity: bytes.count / 4) { values, filled in
      LargeMemory.populate(UnsafeMutableRawBufferPointer(values))
      UnsafeMutableRawBufferPointer(values).copyBytes(from: bytes)
      filled = bytes.count / 4
      #if _endian(big)
        for index in 0..<filled { values[index] = Float(bitPattern: values[index].bitPattern.byteSwapped) }
      #endif
    }
  }
}
