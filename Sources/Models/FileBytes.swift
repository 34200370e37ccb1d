import Pixels

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Reads a regular file into memory.
///
/// By `read`, not by mapping: whoever shortens a mapped file kills the process that maps it. A pipe or device is
/// refused without waiting for it, and a file is never read beyond the size that it had when it was opened, so a
/// growing one cannot take more memory than was checked against the limit.
func readFile(_ path: [UInt8], name: String, limit: Int) throws(ModelError) -> [UInt8] {
  func error(_ cause: ModelError.Cause) -> ModelError { ModelError(file: name, cause: cause) }
  // A path with a NUL inside would name another file than the one that it spells.
  guard !path.contains(0) else { throw error(.unreadable(errno: ENOENT)) }
  let descriptor = unsafe open(
    path.map(CChar.init(bitPattern:)) + [0], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
  guard descriptor >= 0 else { throw error(.unreadable(errno: errno)) }
  defer { close(descriptor) }

  var status = stat()
  guard unsafe fstat(descriptor, &status) == 0 else { throw error(.unreadable(errno: errno)) }
  guard status.st_mode & S_IFMT == S_IFREG else { throw error(.notARegularFile) }
  let size = Int(status.st_size)
  guard size <= limit else { throw error(.fileTooLarge(bytes: size, limit: limit)) }

  var failure: Int32 = 0
  let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    var mapped = 0
    while count < size, let base = buffer.baseAddress {
      if count == mapped {
        mapped = min(count + LargeMemory.piece, size)
        unsafe LargeMemory.populate(
          UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[count..<mapped])))
      }
      let got = unsafe read(descriptor, base + count, mapped - count)
      if got > 0 {
        count += got
      } else if got == 0 {
        break  // Shortened since it was opened: the header's checks say so.
      } else if errno != EINTR {
        failure = errno
        break
      }
    }
  }
  guard failure == 0 else { throw error(.unreadable(errno: failure)) }
  return bytes
}
