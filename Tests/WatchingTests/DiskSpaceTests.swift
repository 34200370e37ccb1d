import Testing

@testable import Watching

@Suite struct DiskSpaceTests {
  @Test func aDiskWithoutEndHasAsManyBytesAsThereCanBe() {
    #expect(DiskSpace.bytes(blocks: 3, of: 4096) == 12_288)
    #expect(DiskSpace.bytes(blocks: .max, of: 4096) == .max)
  }
}
