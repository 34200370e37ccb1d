package import Folders

#if canImport(Darwin)
  import Darwin
#endif

/// Whether the system reports every change of the files there: not on network file systems, where other machines
/// write without this one's kernel knowing.
package enum FileSystemKind: Equatable, Sendable {
  case local
  /// The type's name, such as `nfs4`.
  case shared(String)

  package init(of folder: Folder) {
    #if canImport(Darwin)
      var system = statfs()
      guard fstatfs(folder.descriptor, &system) == 0 else {
        self = .local
        return
      }
      let name = withUnsafeBytes(of: system.f_fstypename) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      self = system.f_flags & UInt32(MNT_LOCAL) != 0 ? .local : .shared(name)
    #else
      // Swift cannot see statfs here; the table of mounts says the same, by device.
      self.init(device: folder.identity.device, mountTable: .current)
    #endif
  }

  /// A device that is not in the table is taken for local: the periodic scan finds whatever is not reported.
  init(device: UInt64, mountTable: MountTable) {
    let number = "\(Self.major(device)):\(Self.minor(device))"
    let type = mountTable.mounts.first { $0.device == number && $0.type != nil }?.type
    self = type.flatMap { Self.isShared($0) ? .shared($0) : nil } ?? .local
  }

  static func isShared(_ type: String) -> Bool {
    let names = [
      "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "afs", "coda", "ncpfs", "lustre", "gpfs", "ocfs2",
      "gfs2", "glusterfs", "vboxsf", "prl_fs", "virtiofs", "davfs", "orangefs", "beegfs",
    ]
    // FUSE, but for disks of this machine (fuseblk).
    return names.contains(type) || type == "fuse" || type.utf8.starts(with: "fuse.".utf8)
  }

  // As in glibc's <sys/sysmacros.h>.
  private static func major(_ device: UInt64) -> UInt64 {
    (device >> 8) & 0xfff | (device >> 32) & 0xffff_f000
  }

  private static func minor(_ device: UInt64) -> UInt64 {
    device & 0xff | (device >> 12) & 0xffff_ff00
  }
}
