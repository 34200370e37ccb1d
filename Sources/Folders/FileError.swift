#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A call to the system that failed: what was tried, on which file, and the system's reason.
package struct FileError: Error, Equatable, CustomStringConvertible {
  package let operation: Operation
  /// Escaped, for people.
  package let path: String
  package let code: Int32

  /// What was tried; its raw value is what follows "cannot".
  package enum Operation: String, Sendable {
    case open, read, examine, list
    case openFolder = "open the folder"
    case create, make
    case createFolder = "create the folder"
    case rename = "rename to"
    case write, sync, close, remove, move, lock
    case writeTo = "write to"
    case writeAll = "write all of"
    case setMode = "set the mode of"
    case setPermissions = "set the permissions of"
    case setTime = "set the time of"
    case watch = "start to watch with"
    case watchFolder = "watch the folder"
    case startCodecProcess = "start the codec process"
    case leadMessages = "lead the codec process's messages to"
    case exchangeData = "exchange data with"
  }

  package init(_ operation: Operation, _ path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  package var description: String {
    let reason = unsafe String(cString: strerror(code))
    return "cannot \(operation.rawValue) \(path): "
      + (isUnfitName ? "the file system takes no such name (\(reason))" : reason)
  }

  /// No space, inodes or quota left.
  package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

  /// The disk or the way to it has failed.
  package var isInputOutput: Bool { code == EIO }

  /// There are too many open files, of this process or of the whole system.
  package var isExhaustion: Bool { code == EMFILE || code == ENFILE }

  /// Nobody reads the pipe any more.
  package var isLackOfReader: Bool { code == EPIPE }

  /// Larger than the file system or a limit of the process allows.
  package var isTooLarge: Bool { code == EFBIG }

  /// The file system has no locks.
  package var isLockUnsupported: Bool { [ENOSYS, ENOTSUP, EOPNOTSUPP, EINVAL, ENOLCK].contains(code) }

  /// No such file or folder.
  package var isAbsence: Bool { code == ENOENT }

  /// There is such a file already.
  package var isExistence: Bool { code == EEXIST }

  /// The file system has no such names: there are characters, bytes or whole names that some do not take.
  package var isUnfitName: Bool {
    [EINVAL, EILSEQ].contains(code) && [.rename, .createFolder].contains(operation)
  }

  /// The name itself is at fault, not the disk or the moment: another attempt at another time fails alike.
  package var isAboutTheName: Bool {
    [ENAMETOOLONG, EILSEQ, EINVAL, EEXIST, EISDIR, ENOTDIR, ELOOP].contains(code)
  }
}

/// Calls `body` again while a signal interrupts it; a result of -1 becomes an error.
@discardableResult
func retrying<R: SignedInteger>(
  _ operation: FileError.Operation, _ path: @autoclosure () -> String, _ body: () -> R
) throws(FileError) -> R {
  while true {
    let result = body()
    if result != -1 { return result }
    if errno != EINTR { throw FileError(operation, path()) }
  }
}
