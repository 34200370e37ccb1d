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
    do {
      let file = try unsafe name.withCString { name throws(FileError) in
        try retrying("open", path) {
          unsafe openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        }
      }
      defer { _ = close(file) }
      let before = try Folder.status(of: file, path: path)
      guard before.kind == .file else { throw ReadError.notAFile(path: path, before.kind) }
      guard before.size <= limit else {
        throw ReadError.tooLarge(path: path, size: before.size, limit: limit)
      }
      let bytes = try Folder.read(file, count: Int(before.size), path: path)
      guard bytes.count == before.size, try Folder.status(of: file, path: path) == before else {
        throw ReadError.changedMeanwhile(path: path)
      }
      return FileContent(bytes: bytes, status: before)
    } catch let error as ReadError {
      throw error
    } catch let error as FileError {
      if error.code == ELOOP { throw .notAFile(path: path, .symbolicLink) }
      if error.code == ENXIO { throw .notAFile(path: path, .socket) }
      throw .failed(error)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// Up to `count` bytes from the file's start; fewer only at its end.
  private static func read(_ file: Int32, count: Int, path: String) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count, let start = buffer.baseAddress {
        do throws(FileError) {
          let wanted = min(count - filled, 1 << 30)
          let got = try retrying("read", path) { unsafe pread(file, start + filled, wanted, off_t(filled)) }
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
