import Folders

#if !canImport(Darwin)
  import Foundation
#endif

/// Where a folder lies in its file system, wherever that, or a part of it, is mounted: from a bind mount no way leads up to the
/// folders that its content lies in.
struct FileSystemPlace: Equatable {
  /// Major and minor number.
  let device: String
  let path: [UInt8]

  /// nil where the system does not say.
  init?(of folder: Folder) {
    #if canImport(Darwin)
      return nil
    #else
      guard let info = FileManager.default.contents(atPath: "/proc/self/fdinfo/\(folder.descriptor)") else {
        return nil
      }
      self.init(
        realPath(Array("/proc/self/fd/\(folder.descriptor)".utf8)), descriptorInfo: Array(info),
        mountTable: .current)
    #endif
  }

  /// - Parameters:
  ///   - path: What leads to the folder, without links.
  ///   - descriptorInfo: In the form of `/proc/self/fdinfo/3` (proc(5)), of which `mnt_id` counts.
  ///   - mountTable: What is mounted where.
  init?(_ path: [UInt8], descriptorInfo: [UInt8], mountTable: MountTable) {
    let number = descriptorInfo.split(separator: UInt8(ascii: "\n")).lazy.map { line in
      line.split { " \t".utf8.contains($0) }
    }.first { $0.first?.elementsEqual("mnt_id:".utf8) == true }?.last
    guard let number, let mount = mountTable.mounts.first(where: { $0.number.elementsEqual(number) }),
      WatchFolders.isWithin(path, mount.place)
    else { return nil }
    let (part, mounted) = (mount.part, mount.place)
    device = mount.device
    let rest = path.dropFirst(mounted == Self.root ? 0 : mounted.count)
    self.path = part == Self.root && !rest.isEmpty ? Array(rest) : rest == Self.root[...] ? part : part + rest
  }

  private static let root = [UInt8(ascii: "/")]

  /// Whether it is `other` or lies in it.
  func isWithin(_ other: FileSystemPlace) -> Bool {
    device == other.device && WatchFolders.isWithin(path, other.path)
  }
}
