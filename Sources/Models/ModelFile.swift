#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A regular file, open for reading: whatever is asked for comes into its final place.
///
/// By `pread`, not by mapping: whoever shortens a mapped file kills the process that maps it. A pipe or device is
/// refused without waiting for it, and a file is never read beyond the size that it had when it was opened, so a
/// growing one cannot take more memory than was checked against the limit.
final class ModelFile: Sendable {
  /// Bytes, when it was opened.
  let size: Int
  private let name: String
  private let descriptor: Int32

  /// The file at a path of any bytes, of at most `limit` bytes; errors call it `name`.
  init(_ path: [UInt8], name: String, limit: Int) throws(ModelError) {
    func error(_ cause: ModelError.Cause) -> ModelError { ModelError(file: name, cause: cause) }
    // A path with a NUL inside would name another file than the one that it spells.
    guard !path.contains(0) else { throw error(.unreadable(errno: ENOENT)) }
    let descriptor = unsafe open(
      path.map(CChar.init(bitPattern:)) + [0], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw error(.unreadable(errno: errno)) }
    do throws(ModelError) {
      size = try Self.size(of: descriptor, limit: limit, error)
    } catch {
      close(descriptor)
      throw error
    }
    self.name = name
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  private static func size(
    of descriptor: Int32, limit: Int, _ error: (ModelError.Cause) -> ModelError
  ) throws(ModelError) -> Int {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw error(.unreadable(errno: errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw error(.notARegularFile) }
    let size = Int(status.st_size)
    guard size <= limit else { throw error(.fileTooLarge(bytes: size, limit: limit)) }
    return size
  }

  /// Fills `buffer` with the bytes from `start` on; fewer are an error, for the file was shortened since it was opened.
  func read(_ start: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ModelError) {
    var count = 0
    while count < buffer.count, let base = buffer.baseAddress {
      let got = unsafe pread(descriptor, base + count, buffer.count - count, off_t(start + count))
      if got > 0 {
        count += got
      } else if got == 0 {
        throw ModelError(
          file: name, cause: .truncated(bytes: start + count, needed: UInt64(start + buffer.count)))
      } else if errno != EINTR {
        throw ModelError(file: name, cause: .unreadable(errno: errno))
      }
    }
  }
}
