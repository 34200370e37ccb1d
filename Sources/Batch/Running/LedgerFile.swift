import Folders
package import Ledger

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A ledger that one batch at a time works with.
package struct LedgerFile: Sendable {
  package let ledger: Ledger
  private let lock: FolderLock

  /// Opens or creates the ledger at `path`, and takes back what a killed run has left under way.
  ///
  /// - Throws: `Failure` with culprit `.later` if another process works with it.
  package init(_ path: [UInt8]) throws(Failure) {
    try Self.checkKind(path)
    // SQLite follows links; the lock has to lie beside the very file.
    let (folder, name) = splitPath(realPath(path))
    guard RelativePath.isName(name) else {
      throw Failure(.usage, "\(escaped(path)) is no name for a ledger's file")
    }
    do throws(FileError) {
      let folder = try Folder(folder, create: true)
      guard let lock = try FolderLock(name + Array(".lock".utf8), in: folder) else {
        throw FileError(.lock, escaped(path), code: FolderLock.busy)
      }
      self.lock = lock
    } catch {
      throw error.code == FolderLock.busy
        ? Failure(
          .later,
          "the ledger \(escaped(path)) is in use by another run: wait for it, or name another file for the ledger (--ledger)"
        )
        : Failure(writing: error)
    }
    let text = try Self.text(path)
    ledger = try attempting { () throws(LedgerError) in
      let ledger = try Ledger(path: text)
      // Whatever ended the last run was not its files' fault: codecs run in processes of their own.
      try ledger.recover(interruptionLimit: .max)
      return ledger
    }
  }

  /// The ledger at `path` to look at, as a dry run does, which changes nothing; nil if there is none yet, or an
  /// empty file that a run would make one.
  package static func reading(_ path: [UInt8]) throws(Failure) -> Ledger? {
    try checkKind(path)
    let text = try text(path)
    guard let status = FileStatus(following: path), status.size > 0 else { return nil }
    return try attempting { () throws(LedgerError) in try Ledger(reading: text) }
  }

  /// Refuses what is no database, such as a picture in the option's place or a device, before a lock is put beside it.
  private static func checkKind(_ path: [UInt8]) throws(Failure) {
    let advice = "name another file for the ledger (--ledger), or move it away"
    guard let kind = FileStatus(following: path)?.kind else { return }
    guard kind == .file else { throw Failure(.usage, "\(escaped(path)) is a \(kind), no ledger: \(advice)") }
    guard let file = try? Descriptor.openForReading(path) else { return }
    defer { close(file) }
    let start = Array("SQLite format 3".utf8)
    guard let found = try? Descriptor.read(file, name: "", limit: start.count), !found.isEmpty,
      !found.starts(with: start)
    else { return }
    throw Failure(.usage, "\(escaped(path)) is no ledger: \(advice)")
  }

  private static func text(_ path: [UInt8]) throws(Failure) -> String {
    guard let text = String(validating: path, as: UTF8.self) else {
      throw Failure(.usage, "the ledger's name must be UTF-8 text: \(escaped(path))")
    }
    return text
  }
}
