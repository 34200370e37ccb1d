#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An open folder: everything below it is reached through its descriptor, one component at a time and never
/// through a symbolic link, so that nothing outside can be read or written whatever happens to the tree
/// meanwhile.
package final class Folder: Sendable {
  /// Escaped, for messages.
  package let path: String
  package let identity: FileStatus.Identity
  package let descriptor: Int32

  /// Opens the folder that `path` names; here alone symbolic links are followed, for the user said so.
  /// With `create`, it and its parents are made if they are missing.
  package convenience init(_ path: [UInt8], create: Bool = false) throws(FileError) {
    let readOnly = create ? try Self.make(path) : nil
    let folder: Int32
    do throws(FileError) {
      folder = try unsafe path.withCString { name throws(FileError) in
        try retrying(.openFolder, escaped(path)) {
          unsafe open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
      }
    } catch {
      throw error.isAbsence ? readOnly ?? error : error
    }
    try self.init(descriptor: folder, path: escaped(path))
  }

  /// The folder that `folder` lies in; for the root, the root.
  package convenience init(parentOf folder: Folder) throws(FileError) {
    let path = folder.path + "/.."
    let parent = try retrying(.openFolder, path) {
      unsafe openat(folder.descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    try self.init(descriptor: parent, path: path)
  }

  /// Takes the descriptor over, also if it throws.
  private init(descriptor: Int32, path: String) throws(FileError) {
    self.path = path
    self.descriptor = descriptor
    do {
      identity = try Self.status(of: descriptor, path: path).identity
    } catch {
      _ = close(descriptor)
      throw error
    }
  }

  deinit {
    _ = close(descriptor)
  }

  /// The folder `path` below this one.
  ///
  /// - Throws: `ELOOP` or `ENOTDIR` if a component is a symbolic link or no folder.
  package func folder(_ path: RelativePath?, create: Bool = false) throws(FileError) -> Folder {
    guard let path else { return self }
    var folder = self
    for name in path.components { folder = try folder.child(name, create: create) }
    return folder
  }

  private func child(_ name: [UInt8], create: Bool) throws(FileError) -> Folder {
    let path = location(name)
    if create {
      let made = unsafe name.withCString { unsafe mkdirat(descriptor, $0, 0o777) }
      if made == 0 {
        try sync()
      } else if errno != EEXIST {
        throw FileError(.createFolder, path)
      }
    }
    let child = try unsafe name.withCString { name throws(FileError) in
      try retrying(.openFolder, path) {
        unsafe openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      }
    }
    return try Folder(descriptor: child, path: path)
  }

  /// The names in this folder, sorted by bytes, without `.` and `..`.
  ///
  /// - Complexity: O(n log n) and one pass over the folder.
  package func names() throws(FileError) -> [[UInt8]] {
    // A descriptor of its own: reading moves the position, which a duplicate would share.
    let own = try retrying(.list, path) {
      unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard let stream = unsafe fdopendir(own) else {
      let error = FileError(.list, path)
      _ = close(own)
      throw error
    }
    defer { unsafe closedir(stream) }
    var names: [[UInt8]] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        if errno != 0 { throw FileError(.list, path) }
        break
      }
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let start = unsafe UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: UInt8.self)
      let name = unsafe Array(
        UnsafeBufferPointer(start: start, count: strlen(UnsafePointer(OpaquePointer(start)))))
      if name != [dot], name != [dot, dot] { names.append(name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// What `name` is; `nil` if there is no such entry. A symbolic link is reported as itself unless it is to be followed.
  package func status(_ name: [UInt8], followingLinks: Bool = false) throws(FileError) -> FileStatus? {
    var status = stat()
    let flags = followingLinks ? 0 : AT_SYMLINK_NOFOLLOW
    while unsafe name.withCString({ unsafe fstatat(descriptor, $0, &status, flags) }) != 0 {
      if errno == ENOENT { return nil }
      if errno != EINTR { throw FileError(.examine, location(name)) }
    }
    return FileStatus(status)
  }

  /// Whether the folder that `path` names now is this one: `false` after it was replaced, unmounted or removed.
  package func isStill(at path: [UInt8]) -> Bool {
    FileStatus(following: path)?.identity == identity
  }

  /// `name` in this folder, escaped, for messages.
  package func location(_ name: [UInt8]) -> String {
    path.hasSuffix("/") ? path + escaped(name) : path + "/" + escaped(name)
  }

  static func status(of descriptor: Int32, path: String) throws(FileError) -> FileStatus {
    var status = stat()
    try retrying(.examine, path) { unsafe fstat(descriptor, &status) }
    return FileStatus(status)
  }

  /// `mkdir -p`, and durable.
  ///
  /// - Returns: why a folder could not be made that may be there already: a read-only file system does not say which.
  private static func make(_ path: [UInt8]) throws(FileError) -> FileError? {
    var readOnly: FileError?
    for end in path.indices.dropFirst() + [path.endIndex]
    where end == path.endIndex || (path[end] == slash && path[end - 1] != slash) {
      let part = Array(path[..<end])
      if unsafe part.withCString({ unsafe mkdir($0, 0o777) }) == 0 {
        // Without it a power cut would take the folder, and whatever was written into it. One that may not be opened may be
        // written to all the same.
        if let above = try? Folder(splitPath(part).folder) { try above.sync() }
        continue
      }
      if [EEXIST, EISDIR].contains(errno) { continue }
      let error = FileError(.createFolder, escaped(part))
      guard error.code == EROFS else { throw error }
      readOnly = error
    }
    return readOnly
  }
}

extension [UInt8] {
  /// Calls `body` with the bytes and a terminating zero.
  func withCString<R, E: Error>(_ body: (UnsafePointer<CChar>) throws(E) -> R) throws(E) -> R {
    let terminated = map { CChar(bitPattern: $0) } + [0]
    var result: Result<R, E>?
    unsafe terminated.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      do throws(E) { result = .success(try unsafe body(start)) } catch { result = .failure(error) }
    }
    guard let result else { preconditionFailure("a terminated array has a first byte") }
    return try result.get()
  }
}
