package import Folders

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a file system has left for us.
package struct DiskSpace: Sendable, Equatable {
  /// Bytes.
  package var bytes: UInt64
  /// Files that can still be made.
  package var files: UInt64

  package init(bytes: UInt64, files: UInt64) {
    self.bytes = bytes
    self.files = files
  }

  /// `nil` if the system does not say.
  package init?(of folder: Folder) {
    #if canImport(Darwin)
      // In statvfs numbers have 32 bits there.
      var status = statfs()
      guard fstatfs(folder.descriptor, &status) == 0 else { return nil }
      bytes = Self.bytes(blocks: status.f_bavail, of: UInt64(status.f_bsize))
      files = status.f_ffree
    #else
      var status = statvfs()
      guard fstatvfs(folder.descriptor, &status) == 0 else { return nil }
      bytes = Self.bytes(blocks: UInt64(status.f_bavail), of: UInt64(status.f_frsize))
      files = UInt64(status.f_favail)
    #endif
  }

  /// As many as there can be where the product is more: some file systems without an end claim all blocks of a word.
  static func bytes(blocks: UInt64, of size: UInt64) -> UInt64 {
    let (bytes, overflow) = blocks.multipliedReportingOverflow(by: size)
    return overflow ? .max : bytes
  }
}

/// A pause because a disk is full: ends when there is more room than there was, for less would fail again; and now
/// and then in any case, for quotas are not seen in what the file system has left. More room may be that of another disk, or
/// not be enough: after a try in vain a pause has a `rest` that it takes in any case.
package struct DiskPause: Sendable {
  package let reason: String
  package let since: ContinuousClock.Instant
  private let space: [DiskSpace?]
  private let rest: Duration
  private let patience: Duration

  /// `space` is that of every file system concerned, when the write had failed; `isAgain` if nothing was written since the last
  /// pause.
  package init(
    reason: String, space: [DiskSpace?], isAgain: Bool, at now: ContinuousClock.Instant,
    patience: Duration = .seconds(30)
  ) {
    self.reason = reason
    self.space = space
    since = now
    self.patience = patience
    rest = isAgain ? .seconds(5) : .zero
  }

  package func isOver(space: [DiskSpace?], at now: ContinuousClock.Instant) -> Bool {
    if now - since >= patience { return true }
    if now - since < rest { return false }
    return zip(space, self.space).contains { current, former in
      guard let current, let former else { return false }
      return current.bytes > former.bytes || current.files > former.files
    }
  }
}
