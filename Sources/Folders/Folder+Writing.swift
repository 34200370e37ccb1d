#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Folder {
  /// Gives `name` the content `bytes`, whole or not at all: a private temporary in this folder, written and
  /// synced, its length checked, then renamed and the folder synced. When the call returns, the file survives
  /// a power cut; if it throws, the temporary is gone and `name` is as it was, but for one case: when the folder could not be
  /// synced, `name` is whole and new, and may be as it was again after a power cut. So whoever records what it writes notes
  /// the content before the call, and that it is done after it.
  ///
  /// Unless `replacing`, an existing `name` is left alone and `EEXIST` thrown.
  ///
  /// - Returns: what the system says of the finished file; but its name, which comes last, is a change once more.
  @discardableResult
  package func write(
    _ bytes: [UInt8], to name: [UInt8], replacing: Bool, attributes: FileAttributes = FileAttributes()
  ) throws(FileError) -> FileStatus {
    try write(to: name, replacing: replacing, attributes: attributes) { (file, path) throws(FileError) in
      try Self.write(bytes[...], to: file, path: path)
      return bytes.count
    }
  }

  /// The same with a content that is written to the open file that `content` is lent, with its path for messages; it returns
  /// the content's length.
  @discardableResult
  func write(
    to name: [UInt8], replacing: Bool, attributes: FileAttributes,
    _ content: (_ file: Int32, _ path: String) throws(FileError) -> Int
  ) throws(FileError) -> FileStatus {
    let status: FileStatus
    let path = location(name)
    let (temporary, file) = try makeTemporary(for: path)
    // Keeps the lock after the file is closed, which has to come before it gets its name.
    let lock = fcntl(file, F_DUPFD_CLOEXEC, 0)
    defer { if lock >= 0 { _ = close(lock) } }
    do throws(FileError) {
      do throws(FileError) {
        let count = try content(file, path)
        try Self.apply(attributes, to: file, path: path)
        try Self.sync(file, path: path)
        status = try Self.status(of: file, path: path)
        guard status.size == count else {
          throw FileError(.writeAll, path, code: EIO)
        }
      } catch {
        _ = close(file)
        throw error
      }
      // Closed by now even if it reports an error, which on network file systems is a write that failed.
      guard close(file) == 0 || errno == EINTR else { throw FileError(.close, path) }
      try rename(temporary, to: name, in: self, replacing: replacing)
    } catch {
      try? remove(temporary)
      throw error
    }
    try sync()
    return status
  }

  /// Replaces the content of the file `name` in the blocks that it has, for a disk that has no room for a second one. Readers
  /// may see a mixture of the two, and an error may leave one.
  package func overwrite(_ bytes: [UInt8], in name: [UInt8]) throws(FileError) {
    let path = location(name)
    let file = try unsafe name.withCString { name throws(FileError) in
      try retrying(.open, path) { unsafe openat(descriptor, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC) }
    }
    defer { _ = close(file) }
    try Self.write(bytes[...], to: file, path: path)
    try retrying(.write, path) { ftruncate(file, off_t(bytes.count)) }
  }

  /// Gives the file `name` these permission bits and this modification time, nanoseconds since 1970, where they are not nil.
  ///
  /// - Returns: what the system says of the file then.
  package func set(
    permissions: UInt32?, modified: Int64?, of name: [UInt8]
  ) throws(FileError) -> FileStatus {
    let path = location(name)
    let file = try unsafe name.withCString { name throws(FileError) in
      try retrying(.open, path) {
        unsafe openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      }
    }
    defer { _ = close(file) }
    if let permissions { try retrying(.setPermissions, path) { fchmod(file, mode_t(permissions)) } }
    if let modified { try Self.setTime(modified, of: file, path: path) }
    return try Self.status(of: file, path: path)
  }

  /// Fails as making the file `path` below would for want of permission, on a read-only disk or in a folder that was
  /// removed, but makes nothing: the deepest folder on the way that there is already is asked.
  package func checkWritable(_ path: RelativePath) throws(FileError) {
    var folder = self
    for name in path.components.dropLast() {
      do throws(FileError) {
        folder = try folder.folder(RelativePath(name))
      } catch {
        guard error.isAbsence else { throw error }
        break
      }
    }
    try folder.checkWritable(for: location(path.bytes))
  }

  /// Fails as opening the folder `path`, made if need be, and making files in it would for the same reasons, but makes nothing.
  package static func checkUsable(_ path: [UInt8]) throws(FileError) {
    try nearest(to: path).checkWritable(for: escaped(path))
  }

  /// The folder `path`; while there is none yet, the one in which it, or the first one missing on the way to it, would be made.
  package static func nearest(to path: [UInt8]) throws(FileError) -> Folder {
    var place = path
    while true {
      do throws(FileError) {
        return try Folder(place)
      } catch {
        while place.count > 1, place.last == slash { place.removeLast() }
        let above = splitPath(place).folder
        guard error.code == ENOENT, above != place else { throw error }
        place = above
      }
    }
  }

  /// Fails as removing the file `name` would for want of permission or on a read-only disk, but removes nothing.
  package func checkRemovable(_ name: [UInt8]) throws(FileError) {
    do throws(FileError) {
      try checkWritable(for: path)
    } catch {
      throw FileError(.remove, location(name), code: error.code)
    }
  }

  /// Whether files can be made here for now.
  package var takesFiles: Bool { (try? checkWritable()) != nil }

  /// Fails as making a file here would for want of permission, on a read-only disk or in a folder that was removed.
  package func checkWritable() throws(FileError) { try checkWritable(for: path) }

  private func checkWritable(for path: String) throws(FileError) {
    try retrying(.create, path) { unsafe faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) }
    // It is open still, and nothing can be made in it.
    guard Self.hasName(descriptor) else { throw FileError(.create, path, code: ENOENT) }
  }

  /// Removes the file `name`; an absent one is no error.
  package func remove(_ name: [UInt8]) throws(FileError) {
    if unsafe name.withCString({ unsafe unlinkat(descriptor, $0, 0) }) != 0, errno != ENOENT {
      throw FileError(.remove, location(name))
    }
  }

  /// Makes renames in this folder durable.
  package func sync() throws(FileError) {
    do throws(FileError) {
      try Self.sync(descriptor, path: path)
    } catch  where error.code == EBADF {
      // Some cannot sync a folder that is open for reading.
    }
  }

  static func write(_ bytes: ArraySlice<UInt8>, to file: Int32, path: String) throws(FileError) {
    var written = 0
    while written < bytes.count {
      // Bounded, for the system's call takes no more than 2 GB at a time.
      written += try retrying(.write, path) {
        unsafe bytes.withUnsafeBytes { buffer in
          let rest = unsafe buffer[written...].prefix(1 << 30)
          return unsafe systemWrite(file, UnsafeRawBufferPointer(rebasing: rest))
        }
      }
    }
  }

  static func apply(_ attributes: FileAttributes, to file: Int32, path: String) throws(FileError) {
    switch attributes.permissions {
    case .usual:
      do throws(FileError) {
        try retrying(.setPermissions, path) { fchmod(file, 0o666 & ~Self.creationMask) }
      } catch  where [EPERM, ENOTSUP, ENOSYS].contains(error.code) {
        // Where whoever mounted the disk has said what all files may, nobody has asked for anything else.
      }
    case .exactly(let permissions):
      try retrying(.setPermissions, path) { fchmod(file, mode_t(permissions)) }
    }
    if let modified = attributes.modified { try setTime(modified, of: file, path: path) }
  }

  private static func setTime(_ modified: Int64, of file: Int32, path: String) throws(FileError) {
    let (seconds, rest) = modified.quotientAndRemainder(dividingBy: 1_000_000_000)
    // Before 1970 the division rounds the wrong way: nanoseconds count upward.
    let time =
      rest < 0
      ? timespec(tv_sec: Int(seconds) - 1, tv_nsec: Int(rest) + 1_000_000_000)
      : timespec(tv_sec: Int(seconds), tv_nsec: Int(rest))
    try retrying(.setTime, path) { unsafe futimens(file, [time, time]) }
  }

  static func sync(_ descriptor: Int32, path: String) throws(FileError) {
    #if canImport(Darwin)
      // Plain fsync only reaches the drive's cache here.
      if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
    #endif
    do throws(FileError) {
      try retrying(.sync, path) { fsync(descriptor) }
    } catch  where [ENOTSUP, EINVAL, ENOTTY].contains(error.code) {
      // A file system that cannot do it, as some over FUSE or a network, is taken at its word.
    }
  }

  /// The process's mask for new files, read once: where the system does not say it, reading it means setting it, and
  /// what other threads make meanwhile gets the wrong permissions.
  private static let creationMask: mode_t = {
    #if os(Linux)
      if let status = try? Descriptor.openForReading(Array("/proc/self/status".utf8)) {
        defer { _ = close(status) }
        let text = (try? Descriptor.read(status, name: "/proc/self/status")) ?? []
        let line = text.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "Umask:".utf8) }
        let digits = line?.filter { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
        let mask = digits.flatMap { mode_t(String(decoding: $0, as: UTF8.self), radix: 8) }
        if let mask { return mask }
      }
    #endif
    let mask = umask(0o077)
    _ = umask(mask)
    return mask
  }()
}

/// `write(2)`, which ``Folder`` has methods of the same name of.
func systemWrite(_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  unsafe write(file, bytes.baseAddress, bytes.count)
}
