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
    let file = try unsafe name.withCString { name throws(FileError) in
      try retrying(.open, path) {
        unsafe openat(folder.descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666)
      }
    }
    guard try Self.lock(orClose: file, path, LOCK_EX) else { return nil }
    descriptor = file
    self.path = path
  }

  /// Locks the folder itself, which needs no permission to write; `nil` if another process holds it. A shared lock is
  /// held by any number of processes that share it, but by none while one has the folder for itself.
  ///
  /// - Parameters:
  ///   - folder: What to lock.
  ///   - isShared: Whether others may share it.
  ///   - patience: How long a lock is waited for, in seconds.
  /// - Throws: What the system said, if it was anything but that the lock is held.
  package init?(
    _ folder: Folder, isShared: Bool = false, patience: Double = defaultPatience
  ) throws(FileError) {
    let own = try retrying(.open, folder.path) {
      unsafe openat(folder.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard try Self.lock(orClose: own, folder.path, isShared ? LOCK_SH : LOCK_EX, patience) else { return nil }
    descriptor = own
    path = folder.path
  }

  /// Turns the lock into a shared one; false if another process got it meanwhile, for not every system does it in one step,
  /// and did not give it back within `patience` seconds.
  package func share(patience: Double) throws(FileError) -> Bool {
    try Self.lock(descriptor, path, LOCK_SH, patience)
  }

  /// The code of a lock that another process holds.
  package static let busy = EWOULDBLOCK

  deinit {
    _ = close(descriptor)
  }

  /// A process that any thread here is starting has our descriptors until it becomes another program, and with them
  /// the locks that we have just given back: such a moment must not pass for another process at work.
  package static let defaultPatience = 0.3

  /// Closes `file` unless the lock was got.
  private static func lock(
    orClose file: Int32, _ path: String, _ kind: Int32, _ patience: Double = defaultPatience
  ) throws(FileError) -> Bool {
    var isLocked = false
    defer { if !isLocked { _ = close(file) } }
    isLocked = try lock(file, path, kind, patience)
    return isLocked
  }

  private static func lock(
    _ file: Int32, _ path: String, _ kind: Int32, _ patience: Double
  ) throws(FileError) -> Bool {
    let end = ContinuousClock.now + .seconds(patience)
    while true {
      do throws(FileError) {
        try retrying(.lock, path) { flock(file, kind | LOCK_NB) }
        return true
      } catch  where error.code == busy && ContinuousClock.now < end {
        usleep(10_000)
      } catch {
        if error.code == busy { return false }
        throw error
      }
    }
  }
}
