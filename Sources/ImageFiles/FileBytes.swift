#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files by descriptor and `read`: a mapped file that someone truncates would end the process.
package enum FileBytes {
  /// The bytes of a regular file of at most `limit` bytes. The path is any bytes but zero; without
  /// `followSymlinks` a symbolic link as its last component is refused.
  package static func read(
    path: [UInt8], limit: Int, followSymlinks: Bool = true
  ) throws(ImageFileError.Cause) -> [UInt8] {
    try withDescriptor(path, followSymlinks: followSymlinks) { (descriptor) throws(ImageFileError.Cause) in
      try read(descriptor: descriptor, limit: limit)
    }
  }

  /// Lends a descriptor of the file to `body`.
  static func withDescriptor<Result>(
    _ path: [UInt8], followSymlinks: Bool = true, _ body: (Int32) throws(ImageFileError.Cause) -> Result
  ) throws(ImageFileError.Cause) -> Result {
    guard !path.contains(0) else { throw .cannotOpen(errno: EINVAL) }
    // Non-blocking, so that opening a pipe without a writer returns; then the kind is looked at.
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followSymlinks ? 0 : O_NOFOLLOW)
    let name = path.map { CChar(bitPattern: $0) } + [0]
    let descriptor = retrying { unsafe open(name, flags) }
    guard descriptor >= 0 else { throw .cannotOpen(errno: errno) }
    defer { close(descriptor) }
    return try body(descriptor)
  }

  /// Lends an open regular file's bytes to `body`, of which only those are read that it looks at.
  static func withContent<Result>(
    descriptor: Int32, limit: Int, acceptsDamage: Bool = false,
    _ body: (Content) throws(ImageFileError.Cause) -> Result
  ) throws(ImageFileError.Cause) -> Result {
    let before = try status(of: descriptor)
    if let kind = kindUnlessRegular(before) { throw .notARegularFile(kind: kind) }
    let size = Int(before.st_size)
    guard size <= limit else { throw .fileTooLarge(bytes: size, limit: limit) }
    let file = LazyFile(descriptor: descriptor, count: size)
    let result: Swift.Result<Result, ImageFileError.Cause>
    do throws(ImageFileError.Cause) {
      result = .success(try body(Content(file, acceptsDamage: acceptsDamage)))
    } catch {
      result = .failure(error)
    }
    // Zeros in the place of bytes that could not be read explain every other error.
    if let failure = file.failure { throw failure }
    let after = try status(of: descriptor)
    guard after.st_size == before.st_size, after.modified == before.modified else {
      throw .changedWhileReading
    }
    return try result.get()
  }

  /// The bytes of an open regular file, from where its descriptor stands.
  package static func read(descriptor: Int32, limit: Int) throws(ImageFileError.Cause) -> [UInt8] {
    let before = try status(of: descriptor)
    if let kind = kindUnlessRegular(before) { throw .notARegularFile(kind: kind) }
    let size = Int(before.st_size)
    guard size <= limit else { throw .fileTooLarge(bytes: size, limit: limit) }
    try Memory.expect(size)

    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      while filled < size {
        let rest = unsafe UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
        let count = retrying { unsafe Self.readOnce(descriptor, rest) }
        if count < 0 { failure = errno }
        if count <= 0 { return }
        filled += count
      }
    }
    guard failure == 0 else { throw .cannotRead(errno: failure) }
    let after = try status(of: descriptor)
    guard bytes.count == size, after.st_size == before.st_size, after.modified == before.modified else {
      throw .changedWhileReading
    }
    return bytes
  }

  private static func readOnce(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    // Some systems refuse a single read of 2 GiB.
    #if canImport(Glibc)
      unsafe Glibc.read(descriptor, buffer.baseAddress, min(buffer.count, 1 << 30))
    #elseif canImport(Musl)
      unsafe Musl.read(descriptor, buffer.baseAddress, min(buffer.count, 1 << 30))
    #else
      unsafe Darwin.read(descriptor, buffer.baseAddress, min(buffer.count, 1 << 30))
    #endif
  }

  private static func status(of descriptor: Int32) throws(ImageFileError.Cause) -> stat {
    var result = stat()
    guard retrying({ unsafe fstat(descriptor, &result) }) == 0 else { throw .cannotRead(errno: errno) }
    return result
  }

  private static func kindUnlessRegular(_ status: stat) -> String? {
    switch status.st_mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a directory"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "a special file"
    }
  }
}

/// Repeats a system call that a signal has interrupted.
func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

extension stat {
  fileprivate var modified: [Int] {
    #if canImport(Darwin)
      [Int(st_mtimespec.tv_sec), Int(st_mtimespec.tv_nsec)]
    #else
      [Int(st_mtim.tv_sec), Int(st_mtim.tv_nsec)]
    #endif
  }
}
