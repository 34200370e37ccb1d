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
  /// `isWanted` is asked of the file that is there before each piece, and each reaches the disk before the next is read:
  /// copying may take long, and who waits for it can give a sign of life, or call it off.
  ///
  /// - Returns: false, with nothing copied, as soon as `isWanted` says so.
  package func copy(
    _ name: [UInt8], to newName: [UInt8], in folder: Folder, if isWanted: (FileStatus) -> Bool
  ) throws(ReadError) -> Bool {
    let path = location(name)
    var isCopied = false
    do {
      return try withFile(name, limit: .max) { (file, status) throws(ReadError) in
        let attributes = FileAttributes(
          permissions: .exactly(status.permissions), modified: status.modified)
        do throws(FileError) {
          try folder.write(to: newName, replacing: false, attributes: attributes) {
            (copy, newPath) throws(FileError) in
            try Self.copy(file, path, to: copy, newPath) { isWanted(status) }
          }
        } catch  where error.code == ECANCELED {
          return false
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
  /// - Throws: `ECANCELED` as soon as `isWanted` says no.
  private static func copy(
    _ file: Int32, _ path: String, to copy: Int32, _ newPath: String, while isWanted: () -> Bool
  ) throws(FileError) -> Int {
    var piece = [UInt8](repeating: 0, count: 4 << 20)
    var count = 0
    while true {
      guard isWanted() else { throw FileError(.write, newPath, code: ECANCELED) }
      let got = try retrying(.read, path) {
        unsafe piece.withUnsafeMutableBytes { buffer in
          unsafe pread(file, buffer.baseAddress, buffer.count, off_t(count))
        }
      }
      if got == 0 { return count }
      try write(piece[..<got], to: copy, path: newPath)
      try sync(copy, path: newPath)
      count += got
    }
  }
}
