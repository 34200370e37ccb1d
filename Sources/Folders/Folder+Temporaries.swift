#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files that have no name of their own yet. Whoever writes one has it locked (`flock`), so that another process that
/// clears up can tell it from what a kill has left.
extension Folder {
  /// Makes a private file under a temporary name and locks it; `path` is what it will be, for messages. The name goes on
  /// with `ending`.
  func makeTemporary(
    for path: String, ending: [UInt8] = []
  ) throws(FileError) -> (name: [UInt8], file: Int32) {
    for _ in 0..<8 {
      let name = TemporaryName.random() + ending
      let file = try unsafe name.withCString { name throws(FileError) in
        try retrying(.create, path) {
          unsafe openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        }
      }
      // Between the two calls it may have been taken for abandoned.
      if Self.isFree(file), Self.hasName(file) { return (name, file) }
      _ = close(file)
    }
    throw FileError(.create, path, code: EBUSY)
  }

  /// Removes the temporary file `name` unless somebody is writing it.
  package func removeAbandoned(_ name: [UInt8]) throws(FileError) {
    let file = unsafe name.withCString {
      unsafe openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    }
    defer { if file >= 0 { _ = close(file) } }
    guard file < 0 || Self.isFree(file) else { return }
    try remove(name)
  }

  /// Locks the file; false if another holds it. Where there are no locks, every file is free.
  private static func isFree(_ file: Int32) -> Bool {
    flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
  }

  /// Whether the open file or folder has not been removed.
  static func hasName(_ file: Int32) -> Bool {
    var status = stat()
    return unsafe fstat(file, &status) != 0 || status.st_nlink > 0
  }
}
