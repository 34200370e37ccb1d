#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Open descriptors that are no files of a folder: pipes, and what the user has handed to the process.
package enum Descriptor {
  /// Fills the places of standard input, output and error where they are closed, so that no file that is opened later
  /// takes one and gets what was meant for it. To use them fails as before.
  package static func fillClosedStreams() {
    for stream in 0...2 as ClosedRange<Int32> where fcntl(stream, F_GETFD) < 0 {
      // The lowest free descriptor is this one; it cannot be used in the way that it is meant for.
      _ = unsafe open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY)
    }
  }

  /// Keeps the descriptor from processes that this one starts.
  /// - Throws: `EBADF` when it is not open for writing.
  package static func keepPrivate(_ descriptor: Int32) throws(FileError) {
    let path = "descriptor \(descriptor)"
    guard isWritable(descriptor) else { throw FileError(.writeTo, path, code: EBADF) }
    try retrying(.examine, path) { fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
  }

  /// Whether it is open for writing. Asked before this process opens files of its own, it is about what the process was given.
  package static func isWritable(_ descriptor: Int32) -> Bool {
    let mode = fcntl(descriptor, F_GETFL)
    return mode >= 0 && mode & O_ACCMODE != O_RDONLY
  }

  /// - Throws: `EMFILE` or `ENFILE` where so many more files cannot be open at a time.
  package static func checkRoom(for count: Int) throws(FileError) {
    var opened: [Int32] = []
    defer { for descriptor in opened { _ = close(descriptor) } }
    while opened.count < count {
      do throws(FileError) {
        opened.append(
          try retrying(.open, "\(count) files at a time") { fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) })
      } catch {
        if error.code == EMFILE || error.code == ENFILE { throw error }
        return
      }
    }
  }

  /// Both ends of a new pipe, kept from processes that this one starts later; one that is being started by another
  /// thread at this moment may get them, so that starting is best done one at a time.
  package static func pipe() throws(FileError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    try retrying(.make, "a pipe") { systemPipe(&ends) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// Gives a pipe room for `count` bytes, if the system has it: not for more than a few pipes, for Linux takes it from what
  /// all of a user's pipes may have (64 MB), one a megabyte at most, and gives none where that is used up.
  /// - Returns: whether so many bytes get into it while it is empty and nobody reads.
  @discardableResult
  package static func widen(pipe end: Int32, to count: Int) -> Bool {
    #if os(Linux)
      let setPipeSize: Int32 = 1031  // F_SETPIPE_SZ, which Swift's view of the C library hides
      return fcntl(end, setPipeSize, Int32(clamping: count)) >= count
    #else
      return false  // Apple's systems give pipes what they think fit.
    #endif
  }

  /// One more descriptor of what `descriptor` leads to, kept from processes that this one starts.
  package static func duplicate(_ descriptor: Int32) throws(FileError) -> Int32 {
    try retrying(.make, "a second descriptor \(descriptor)") { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) }
  }

  /// Has `descriptor` lead to where `other` does.
  package static func lead(_ descriptor: Int32, to other: Int32) throws(FileError) {
    try retrying(.make, "descriptor \(descriptor) anew") { dup2(other, descriptor) }
  }

  /// Opens a file, pipe or device that the user has named, to be read in sequence.
  package static func openForReading(_ path: [UInt8]) throws(FileError) -> Int32 {
    try unsafe path.withCString { name throws(FileError) in
      try retrying(.open, escaped(path)) { unsafe open(name, O_RDONLY | O_CLOEXEC) }
    }
  }

  /// Reads to the end, but not much more than `limit` bytes.
  ///
  /// `isCancelled` is asked several times a second, also while nothing comes; what has been read is returned then.
  package static func read(
    _ descriptor: Int32, name: String, limit: Int = .max, isCancelled: (() -> Bool)? = nil
  ) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      if let isCancelled {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        var isReady = false
        while !isReady {
          if isCancelled() { return bytes }
          isReady = systemPoll(&entry, milliseconds: 100)
        }
      }
      do throws(FileError) {
        let count = try retrying(.read, name) { systemRead(descriptor, &block) }
        if count == 0 { break }
        bytes += block[..<count]
      } catch  where error.code == EAGAIN {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        systemPoll(&entry)
      }
    }
    return bytes
  }

  /// From now on a call that would have to wait fails with `EAGAIN`.
  package static func makeNonBlocking(_ descriptor: Int32) throws(FileError) {
    let path = "descriptor \(descriptor)"
    let flags = try retrying(.examine, path) { fcntl(descriptor, F_GETFL) }
    try retrying(.setMode, path) { fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
  }

  /// Writes all of `bytes`; for a reader that has gone away the process must ignore `SIGPIPE`.
  package static func write(
    _ bytes: [UInt8], to descriptor: Int32, name: String? = nil
  ) throws(FileError) {
    let path = name ?? "descriptor \(descriptor)"
    var written = 0
    while written < bytes.count {
      do throws(FileError) {
        written += try retrying(.writeTo, path) {
          unsafe bytes.withUnsafeBytes { buffer in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...].prefix(1 << 30))
            return unsafe systemWrite(descriptor, rest)
          }
        }
      } catch  where error.code == EAGAIN {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        systemPoll(&entry)
      }
    }
  }
}

// The system's own, which methods here have the names of.

/// False when the time is over, or a signal came.
@discardableResult
private func systemPoll(_ entry: inout pollfd, milliseconds: Int32 = -1) -> Bool {
  unsafe poll(&entry, 1, milliseconds) > 0
}

private func systemRead(_ descriptor: Int32, _ block: inout [UInt8]) -> Int {
  unsafe read(descriptor, &block, block.count)
}

private func systemPipe(_ ends: inout [Int32]) -> Int32 {
  unsafe pipe(&ends)
}
