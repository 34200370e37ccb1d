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
    self.init(count: bytes.count / 4, littleEndian: { $0.copyBytes(from: bytes) })
  }

  /// `count` values, whose bytes `fill` writes as files have them.
  package init<Failure: Error>(
    count: Int, littleEndian fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    var failure: Failure?
    self.init(unsafeUninitializedCapacity: count) { values, filled in
      let bytes = UnsafeMutableRawBufferPointer(
        rebasing: UnsafeMutableRawBufferPointer(values)[..<(4 * count)])
      LargeMemory.populate(bytes)
      do throws(Failure) {
        try fill(bytes)
        filled = count
      } catch {
        failure = error
      }
      #if _endian(big)
        for index in 0..<filled { values[index] = Float(bitPattern: values[index].bitPattern.byteSwapped) }
      #endif
    }
    if let failure { throw failure }
  }
}
