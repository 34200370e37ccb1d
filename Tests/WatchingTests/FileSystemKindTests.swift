import Folders
import Foundation
import TestSupport
import Testing

@testable import Watching

@Suite struct FileSystemKindTests {
  let table = """
    22 28 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw
    28 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
    40 28 0:45 / /mnt/with\\040space rw shared:20 master:3 - nfs4 server:/export rw,vers=4.2
    41 28 0:46 / /mnt/ssh rw - fuse.sshfs host:/ rw
    42 28 8:17 / /mnt/stick rw - fuseblk /dev/sdb1 rw
    """

  /// As the system puts the two numbers together.
  func device(_ major: UInt64, _ minor: UInt64) -> UInt64 {
    (major & 0xfff) << 8 | (major & 0xffff_f000) << 32 | minor & 0xff | (minor & 0xffff_ff00) << 12
  }

  @Test func networkFileSystemsAreShared() {
    #expect(FileSystemKind(device: device(0, 45), mountTable: MountTable(table.utf8)) == .shared("nfs4"))
    #expect(
      FileSystemKind(device: device(0, 46), mountTable: MountTable(table.utf8)) == .shared("fuse.sshfs"))
  }

  @Test func disksOfThisMachineAreNot() {
    #expect(FileSystemKind(device: device(259, 2), mountTable: MountTable(table.utf8)) == .local)
    #expect(FileSystemKind(device: device(8, 17), mountTable: MountTable(table.utf8)) == .local)
  }

  @Test func whatIsNotInTheTableOrCannotBeReadIsLocal() {
    #expect(FileSystemKind(device: device(1, 1), mountTable: MountTable(table.utf8)) == .local)
    #expect(
      FileSystemKind(device: device(0, 45), mountTable: MountTable("40 28 0:45 / /mnt rw -\n\n- - -".utf8))
        == .local)
  }

  @Test func largeDeviceNumbersAreTakenApartRight() {
    let table = "1 2 5000:300000 / / rw - cifs x rw"
    #expect(
      FileSystemKind(device: device(5000, 300_000), mountTable: MountTable(table.utf8)) == .shared("cifs"))
  }

  #if os(Linux)
    /// By a way of its own: stat(1) asks the system, not the table.
    @Test func aTemporaryFolderHasItsOwnKind() throws {
      let home = try TemporaryFolder()
      let type = try Run.shell("stat -f -c %T .", in: home.path).text.trimmingCharacters(in: .newlines)
      let isShared = FileSystemKind(of: home.folder) != .local
      #expect(isShared == FileSystemKind.isShared(type), "\(type)")
    }
  #endif
}
