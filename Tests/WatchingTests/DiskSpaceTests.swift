import Testing

@testable import Watching

@Suite struct DiskSpaceTests {
  @Test func aDiskWithoutEndHasAsManyBytesAsThereCanBe() {
    #expect(DiskSpace.bytes(blocks: 3, of: 4096) == 12_288)
    #expect(DiskSpace.bytes(blocks: .max, of: 4096) == .max)
  }

  /// A disk may be full of files as well as of bytes, and either of the two disks may be.
  @Test func aPauseEndsWithMoreRoomOfEitherKindOnAnyDisk() {
    let start = ContinuousClock.now
    let full = DiskSpace(bytes: 4096, files: 3)
    let pause = DiskPause(reason: "full", space: [full, nil], isAgain: false, at: start)
    func isOver(_ space: DiskSpace?, _ other: DiskSpace? = nil, after seconds: Int = 29) -> Bool {
      pause.isOver(space: [space, other], at: start + .seconds(seconds))
    }
    #expect(!isOver(full) && !isOver(DiskSpace(bytes: 0, files: 0)) && !isOver(nil, full))
    #expect(isOver(DiskSpace(bytes: 4097, files: 0)) && isOver(DiskSpace(bytes: 0, files: 4)))
    let second = DiskPause(reason: "full", space: [full, full], isAgain: false, at: start)
    let more = [full, DiskSpace(bytes: 4096, files: 4)]
    #expect(second.isOver(space: more, at: start))
    // Room that was not enough, or is another disk's.
    let third = DiskPause(reason: "full", space: [full, full], isAgain: true, at: start)
    #expect(!third.isOver(space: more, at: start + .seconds(4)))
    #expect(third.isOver(space: more, at: start + .seconds(5)))
    // A quota is not seen in what the disk has left.
    #expect(isOver(full, after: 30))
  }
}
