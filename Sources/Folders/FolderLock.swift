#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The right to work in a folder, held by one process at a time (`flock`). The system gives it back when the
/// process ends in whatever way; the lock file itself stays and means nothing.
package final class FolderLock: Sendable {
  private let descriptor: Int32
  private let path: String

  /// Locks the file `name` in `folder`, made if need be; `nil` if another process holds it.
  package init?(_ name: [UInt8], in folder: Folder) throws(FileError) {
    let path = folder.location(name)
    let file = try name.withCString { name throws(FileError) in
      try retrying("open", path) {
        openat(folder.descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666)
      }
    }
    guard try Self.lock(file, path, LOCK_EX) else { return nil }
    descriptor = file
    self.path = path
  }

  /// Locks the folder itself, which needs no permission to write; `nil` if another process holds it. A shared lock is
  /// held by any number of processes that share it, but by none while one has the folder for itself.
  package init?(_ folder: Folder, isShared: Bool = false) throws(FileError) {
    let own = try retrying("open", folder.path) {
      openat(folder.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard try Self.lock(own, folder.path, isShared ? LOCK_SH : LOCK_EX) else { return nil }
    descriptor = own
    path = folder.path
  }

  /// Turns the lock into a shared one.
  package func share() throws(FileError) {
    try retrying("lock", path) { flock(descriptor, LOCK_SH | LOCK_NB) }
  }

  /// The code of a lock that another process holds.
  package static let busy = EWOULDBLOCK

  deinit {
    _ = close(descriptor)
  }

  /// Closes `file` unless the lock was got.
  private static func lock(_ file: Int32, _ path: String, _ kind: Int32) throws(FileError) -> Bool {
    do throws(FileError) {
      try retrying("lock", path) { flock(file, kind | LOCK_NB) }
      return true
    } catch {
      _ = close(file)
      if error.code == EWOULDBLOCK { return false }
      throw error
    }
  }
}
