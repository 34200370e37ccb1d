import Testing

@testable import Convolution

@Suite struct FloatBufferTests {
  /// The last gets huge pages.
  @Test(arguments: [0, 1, 100, 70_000, 600_000])
  func aBufferIsZeroAndAligned(count: Int) {
    let buffer = FloatBuffer(count: count)
    #expect(Int(bitPattern: buffer.pointer) % 64 == 0)
    #expect((0..<count).allSatisfy { buffer.pointer[$0] == 0 })
    for index in 0..<count { buffer.pointer[index] = Float(index) }
    let copy = FloatBuffer(copying: buffer)
    #expect(copy.pointer != buffer.pointer || count == 0)
    withExtendedLifetime((buffer, copy)) {
      #expect((0..<count).allSatisfy { copy.pointer[$0] == Float($0) })
    }
  }

  @Test func partsLieInTheWholeAndKeepIt() {
    var whole: FloatBuffer? = FloatBuffer(count: 600_000)
    let start = whole?.pointer
    let parts = [0..<16, 16..<599_999].map { FloatBuffer($0, of: whole ?? FloatBuffer(count: 0)) }
    whole = nil
    #expect(parts.map(\.pointer) == [start, start.map { $0 + 16 }] && parts.map(\.count) == [16, 599_983])
    withExtendedLifetime(parts) {
      parts[1].pointer[599_982] = 7
      #expect(parts[1].pointer[599_982] == 7)
    }
  }

  /// A copy would have pages of its own, small ones, and cost as much as packing.
  @Test func weightsArePackedWhereTheyAreTold() {
    let weights = [Float](repeating: 1, count: 9 * 16 * 16)
    let layout = PackedLayout(inputChannels: 16, outputChannels: 16, instructionSet: .baseline)
    let room = FloatBuffer(count: layout.count)
    let direct = PackedWeights(
      weights, inputChannels: 16, outputChannels: 16, instructionSet: .baseline, storage: room)
    withExtendedLifetime(room) {
      #expect(direct.weights == UnsafePointer(room.pointer) && room.pointer[0] == 1)
    }

    let tiles = FloatBuffer(count: WinogradWeights.count(layout, .f6))
    let winograd = WinogradWeights(
      weights, inputChannels: 16, outputChannels: 16, tile: .f6, instructionSet: .baseline, storage: tiles)
    withExtendedLifetime(tiles) {
      #expect(winograd.weights == UnsafePointer(tiles.pointer) && tiles.pointer[0] != 0)
    }
  }
}
