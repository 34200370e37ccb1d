#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the system says of a file: enough to tell whether it is still the same and unchanged.
package struct FileStatus: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable, CustomStringConvertible {
    case file, folder
    case symbolicLink = "symbolic link"
    case fifo, socket, device

    package var description: String { rawValue }
  }

  /// A file's place on a disk, whatever its names are.
  package struct Identity: Sendable, Hashable {
    package let device: UInt64
    package let inode: UInt64
  }

  package let kind: Kind
  package let identity: Identity
  /// Bytes.
  package let size: Int64
  /// Modification time, nanoseconds since 1970.
  package let modified: Int64
  /// When content, permissions or names last changed, nanoseconds since 1970; unlike the modification time nobody can set it.
  package let changed: Int64
  /// Permission bits.
  package let permissions: UInt32

  init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    case S_IFLNK: kind = .symbolicLink
    case S_IFIFO: kind = .fifo
    case S_IFSOCK: kind = .socket
    default: kind = .device
    }
    identity = Identity(
      device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(truncatingIfNeeded: status.st_ino))
    size = Int64(status.st_size)
    #if canImport(Darwin)
      let (written, any) = (status.st_mtimespec, status.st_ctimespec)
    #else
      let (written, any) = (status.st_mtim, status.st_ctim)
    #endif
    modified = Self.nanoseconds(written)
    changed = Self.nanoseconds(any)
    permissions = UInt32(status.st_mode) & 0o7777
  }

  /// Of a time beyond the years 1677 to 2262, the nearest of them.
  private static func nanoseconds(_ time: timespec) -> Int64 {
    let seconds = Int64(time.tv_sec)
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflows) = whole.addingReportingOverflow(Int64(time.tv_nsec))
    return overflow || overflows ? (seconds < 0 ? .min : .max) : sum
  }
}
