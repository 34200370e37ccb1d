#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the system knows of files that have their length before they have their content.
extension Folder {
  /// Whether the file `name` has parts that nothing was ever written to, which read as zeros. Once they have been read some
  /// file systems no longer say so. False where none is known of, as on file systems that keep no account of them.
  package func hasHoles(_ name: [UInt8]) -> Bool {
    let found = try? withFile(name, limit: .max) { (file, status) throws(ReadError) in
      (lseek(file, 0, Self.seekHole), status.size)
    }
    guard let (hole, size) = found else { return false }
    return hole >= 0 && hole < size
  }

  /// Whether some process has the file `name` open to write to it. Nil where that cannot be found out: on other systems than
  /// Linux, on most network file systems, and of other users' files unless this process may look at them (`CAP_LEASE`).
  package func isBeingWritten(_ name: [UInt8]) -> Bool? {
    #if os(Linux)
      // A lease is refused while somebody writes. Whoever comes to write while it is held waits until it is given back at
      // once, and its holder gets a signal: one that is ignored, instead of one that ends the process.
      return try? withFile(name, limit: .max) { (file, _) throws(ReadError) in
        _ = fcntl(file, Self.setSignal, SIGURG)
        if fcntl(file, Self.setLease, Int32(F_RDLCK)) == 0 {
          _ = fcntl(file, Self.setLease, Int32(F_UNLCK))
          return false
        }
        return errno == EAGAIN ? true : nil
      }
    #else
      return nil
    #endif
  }

  // The C library's headers hide these from Swift.
  #if canImport(Darwin)
    private static let seekHole = SEEK_HOLE
  #else
    private static let seekHole: Int32 = 4
    private static let setSignal: Int32 = 10
    private static let setLease: Int32 = 1024
  #endif
}
