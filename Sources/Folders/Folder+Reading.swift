#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file's content and what the system said of it while it was read.
package struct FileContent: Sendable {
  package let bytes: [UInt8]
  package let status: FileStatus
}

/// Why a file was not read.
package enum ReadError: Error, Equatable, CustomStringConvertible {
  case failed(FileError)
  /// A folder, FIFO, socket, device or symbolic link.
  case notAFile(path: String, FileStatus.Kind)
  case tooLarge(path: String, size: Int64, limit: Int64)
  /// Size, time or identity differ before and after reading: somebody is writing.
  case changedMeanwhile(path: String)

  package var description: String {
    switch self {
    case .failed(let error): error.description
    case .notAFile(let path, let kind): "\(path) is not a regular file but a \(kind)"
    case .tooLarge(let path, let size, let limit):
      "\(path) has \(size) bytes; the limit is \(limit)"
    case .changedMeanwhile(let path): "\(path) changed while it was read"
    }
  }
}

extension Folder {
  /// Reads the whole of `name` from one descriptor: what is hashed is what is decoded. Neither a FIFO without
  /// a writer nor a device can block the call, and a symbolic link is never followed. A file of more than
  /// `limit` bytes is refused unread.
  package func read(_ name: [UInt8], limit: Int64) throws(ReadError) -> FileContent {
    let path = location(name)
    return try withFile(name, limit: limit) { (file, status) throws(ReadError) in
      let bytes = try failing { () throws(FileError) in
        try Folder.read(file, count: Int(status.size), path: path)
      }
      guard bytes.count == status.size else { throw .changedMeanwhile(path: path) }
      return FileContent(bytes: bytes, status: status)
    }
  }

  /// Lends an open regular file to `body`, with what the system says of it; the same holds as for `read`, but a link may be
  /// followed to where it leads.
  package func withFile<Result>(
    _ name: [UInt8], limit: Int64, followingLinks: Bool = false,
    _ body: (_ file: Int32, FileStatus) throws(ReadError) -> Result
  ) throws(ReadError) -> Result {
    let path = location(name)
    let link = followingLinks ? 0 : O_NOFOLLOW
    let file: Int32
    do throws(FileError) {
      file = try unsafe name.withCString { name throws(FileError) in
        try retrying(.open, path) {
          unsafe openat(descriptor, name, O_RDONLY | link | O_NONBLOCK | O_CLOEXEC)
        }
      }
    } catch {
      switch error.code {
      case ELOOP: throw .notAFile(path: path, .symbolicLink)
      case ENXIO, EOPNOTSUPP: throw .notAFile(path: path, .socket)
      default: throw .failed(error)
      }
    }
    defer { _ = close(file) }
    func status() throws(ReadError) -> FileStatus {
      try failing { () throws(FileError) in try Folder.status(of: file, path: path) }
    }
    let before = try status()
    guard before.kind == .file else { throw .notAFile(path: path, before.kind) }
    guard before.size <= limit else { throw .tooLarge(path: path, size: before.size, limit: limit) }
    let result = try body(file, before)
    guard try status() == before else { throw .changedMeanwhile(path: path) }
    return result
  }

  /// Up to `count` bytes from the file's start; fewer only at its end.
  private static func read(_ file: Int32, count: Int, path: String) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count, let start = buffer.baseAddress {
        do throws(FileError) {
          let wanted = min(count - filled, 1 << 30)
          let got = try retrying(.read, path) { unsafe pread(file, start + filled, wanted, off_t(filled)) }
          if got == 0 { return }
          filled += got
        } catch {
          failure = error
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }
}

private func failing<Result>(_ body: () throws(FileError) -> Result) throws(ReadError) -> Result {
  do { return try body() } catch { throw .failed(error) }
}
