#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Folder {
  /// Copies the regular file `name` to `newName` in `folder`, whole and durable or not at all, with its permissions and time. A
  /// piece at a time, for a file may be larger than the memory. An existing `newName` is left alone and `EEXIST` thrown.
  ///
  /// - Returns: false, with nothing copied, if `isWanted` says so of the file that is there.
  package func copy(
    _ name: [UInt8], to newName: [UInt8], in folder: Folder, if isWanted: (FileStatus) -> Bool
  ) throws(ReadError) -> Bool {
    let path = location(name)
    var isCopied = false
    do {
      return try withFile(name, limit: .max) { (file, status) throws(ReadError) in
        guard isWanted(status) else { return false }
        let attributes = FileAttributes(
          permissions: .exactly(status.permissions), modified: status.modified)
        do throws(FileError) {
          try folder.write(to: newName, replacing: false, attributes: attributes) {
            (copy, newPath) throws(FileError) in
            try Self.copy(file, path, to: copy, newPath)
          }
        } catch {
          throw .failed(error)
        }
        isCopied = true
        return true
      }
    } catch {
      // It changed meanwhile.
      if isCopied { try? folder.remove(newName) }
      throw error
    }
  }

  /// - Returns: the bytes copied.
  private static func copy(
    _ file: Int32, _ path: String, to copy: Int32, _ newPath: String
  ) throws(FileError) -> Int {
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    var count = 0
    while true {
      let got = try retrying(.read, path) {
        unsafe piece.withUnsafeMutableBytes { buffer in
          unsafe pread(file, buffer.baseAddress, buffer.count, off_t(count))
        }
      }
      if got == 0 { return count }
      try write(piece[..<got], to: copy, path: newPath)
      count += got
    }
  }
}
