#if !canImport(Darwin)
  import Foundation
#endif

/// What is mounted where, by a table of the form of `/proc/self/mountinfo` (proc(5)):
///
///     36 35 98:0 /part /mnt rw,noatime master:1 - ext3 /dev/root rw
struct MountTable {
  struct Mount {
    /// What `mnt_id` of `/proc/self/fdinfo/3` refers to.
    let number: [UInt8]
    /// Major and minor number: `98:0`.
    let device: String
    /// The folder of the file system that is mounted.
    let part: [UInt8]
    let place: [UInt8]
    /// The file system's, such as `nfs4`; nil where the line does not say.
    let type: String?
  }

  /// Lines that are none of the kind are left out.
  let mounts: [Mount]

  init(_ text: some Sequence<UInt8>) {
    mounts = Array(text).split(separator: UInt8(ascii: "\n")).compactMap { line in
      let fields = line.split(separator: UInt8(ascii: " "))
      guard fields.count > 4 else { return nil }
      let dash = fields.dropFirst(6).firstIndex { $0.elementsEqual("-".utf8) }
      return Mount(
        number: Array(fields[0]), device: String(decoding: fields[2], as: UTF8.self),
        part: Self.unescaped(fields[3]), place: Self.unescaped(fields[4]),
        type: dash.flatMap { fields.dropFirst($0 + 1).first }.map { String(decoding: $0, as: UTF8.self) })
    }
  }

  #if !canImport(Darwin)
    /// Now; empty where there is no `/proc`.
    static var current: MountTable {
      MountTable(FileManager.default.contents(atPath: "/proc/self/mountinfo") ?? Data())
    }
  #endif

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
}
