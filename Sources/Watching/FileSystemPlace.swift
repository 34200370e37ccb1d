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
      func content(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: "/proc/self/" + path).map(Array.init)
      }
      guard let mount = content("fdinfo/\(folder.descriptor)"), let table = content("mountinfo") else {
        return nil
      }
      self.init(
        realPath(Array("/proc/self/fd/\(folder.descriptor)".utf8)), descriptorInfo: mount, mountTable: table)
    #endif
  }

  /// - Parameters:
  ///   - path: What leads to the folder, without links.
  ///   - descriptorInfo: In the form of `/proc/self/fdinfo/3` (proc(5)), of which `mnt_id` counts.
  ///   - mountTable: In the form of `/proc/self/mountinfo`, of which the number, the device, the part of the file system that is
  ///     mounted, and the place where it is count: `36 35 98:0 /part /mnt rw,noatime - ext3 /dev/root rw`.
  init?(_ path: [UInt8], descriptorInfo: [UInt8], mountTable: [UInt8]) {
    let mount = descriptorInfo.split(separator: UInt8(ascii: "\n")).lazy.map { line in
      line.split { " \t".utf8.contains($0) }
    }.first { $0.first?.elementsEqual("mnt_id:".utf8) == true }
    guard let number = mount?.last else { return nil }
    let lines = mountTable.split(separator: UInt8(ascii: "\n")).lazy.map {
      $0.split(separator: UInt8(ascii: " "))
    }
    guard let line = lines.first(where: { $0.first == number && $0.count > 4 }) else { return nil }
    let (part, mounted) = (Self.unescaped(line[3]), Self.unescaped(line[4]))
    guard WatchFolders.isWithin(path, mounted) else { return nil }
    device = String(decoding: line[2], as: UTF8.self)
    let rest = path.dropFirst(mounted == Self.root ? 0 : mounted.count)
    self.path = part == Self.root && !rest.isEmpty ? Array(rest) : rest == Self.root[...] ? part : part + rest
  }

  private static let root = [UInt8(ascii: "/")]

  /// Spaces and what else would be mistaken stand there as `\040`.
  private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var (result, rest) = ([UInt8](), text)
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3,
        let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        result.append(code)
        rest = rest.dropFirst(3)
      } else {
        result.append(byte)
      }
    }
    return result
  }

  /// Whether it is `other` or lies in it.
  func isWithin(_ other: FileSystemPlace) -> Bool {
    device == other.device && WatchFolders.isWithin(path, other.path)
  }
}
