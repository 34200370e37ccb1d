#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A call to the system that failed: what was tried, on which file, and the system's reason.
package struct FileError: Error, Equatable, CustomStringConvertible {
  /// As a phrase after "cannot": `open`, `write`, `rename`.
  package let operation: String
  /// Escaped, for people.
  package let path: String
  package let code: Int32

  package init(_ operation: String, _ path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  package var description: String {
    "cannot \(operation) \(path): \(unsafe String(cString: strerror(code)))"
  }

  /// No space, inodes or quota left.
  package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

  /// The disk or the way to it has failed.
  package var isInputOutput: Bool { code == EIO }

  /// The file system has no locks.
  package var isLockUnsupported: Bool { [ENOSYS, ENOTSUP, EOPNOTSUPP, EINVAL, ENOLCK].contains(code) }

  /// No such file or folder.
  package var isAbsence: Bool { code == ENOENT }

  /// There is such a file already.
  package var isExistence: Bool { code == EEXIST }

  /// The name itself is at fault, not the disk or the moment: another attempt at another time fails alike.
  package var isAboutTheName: Bool {
    [ENAMETOOLONG, EILSEQ, EINVAL, EEXIST, EISDIR, ENOTDIR, ELOOP].contains(code)
  }
}

/// Calls `body` again while a signal interrupts it; a result of -1 becomes an error.
@discardableResult
func retrying<R: SignedInteger>(
  _ operation: String, _ path: @autoclosure () -> String, _ body: () -> R
) throws(FileError) -> R {
  while true {
    let result = body()
    if result != -1 { return result }
    if errno != EINTR { throw FileError(operation, path()) }
  }
}
