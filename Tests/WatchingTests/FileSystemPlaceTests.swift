import Folders
import Foundation
import TestSupport
import Testing

@testable import Watching

@Suite struct FileSystemPlaceTests {
  private let table = """
    28 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
    40 28 259:2 /out/part /mnt/with\\040space rw shared:20 - ext4 /dev/nvme0n1p2 rw
    41 28 8:17 / /mnt/stick rw - fuseblk /dev/sdb1 rw

    x
    """

  private func place(_ path: String, _ mount: Int) -> FileSystemPlace? {
    FileSystemPlace(
      bytes(path), descriptorInfo: bytes("pos:\t0\nflags:\t02\nmnt_id:\t\(mount)\n"),
      mountTable: MountTable(table.utf8)
    )
  }

  @Test func theSamePlaceIsFoundByEveryWay() throws {
    for (one, other) in [
      (place("/out/part", 28), place("/mnt/with space", 40)),
      (place("/out/part/a/b", 28), place("/mnt/with space/a/b", 40)),
    ] {
      #expect(try #require(one) == #require(other))
    }
    #expect(place("/mnt/stick", 41)?.path == bytes("/") && place("/mnt/stick/a", 41)?.path == bytes("/a"))
    #expect(place("/", 28)?.path == bytes("/"))
    #expect(place("/mnt/with space", 41) == nil && place("/", 99) == nil)
    #expect(FileSystemPlace([], descriptorInfo: [], mountTable: MountTable([])) == nil)
  }

  @Test func aBindMountLiesWhereItsContentDoes() throws {
    let output = try #require(place("/out", 28))
    #expect(try #require(place("/mnt/with space", 40)).isWithin(output))
    #expect(try #require(place("/mnt/with space/a", 40)).isWithin(output))
    #expect(try !#require(place("/outside", 28)).isWithin(output))
    // The same path on another disk.
    #expect(try !#require(place("/mnt/stick/out/a", 41)).isWithin(output))
  }

  #if os(Linux)
    @Test func theSystemSaysItOfARealFolder() throws {
      let home = try TemporaryFolder()
      let inner = try Folder(bytes(home("a b")), create: true)
      let place = try #require(FileSystemPlace(of: inner))
      #expect(place.path.suffix(4) == bytes("/a b")[...])
      #expect(try place.isWithin(#require(FileSystemPlace(of: home.folder))))
    }
  #endif
}
