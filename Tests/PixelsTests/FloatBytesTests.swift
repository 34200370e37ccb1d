import Pixels
import Testing

@Suite struct FloatBytesTests {
  @Test func theLowestByteIsTheFirst() {
    #expect([1, -2.5].littleEndianBytes == [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0])
    #expect([Float]().littleEndianBytes == [])
  }

  @Test func valuesComeBackFromAnyPlace() {
    let values: [Float] = [0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, 0.1]
    let bytes = [9] + values.littleEndianBytes + [9]
    let read = [Float](littleEndian: bytes[1..<bytes.count - 1])
    #expect(read.map(\.bitPattern) == values.map(\.bitPattern))
  }
}
