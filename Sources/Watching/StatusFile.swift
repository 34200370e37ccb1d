package import Folders

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A small file that is written again and again, by rename, so that a reader finds either the old or the new.
package struct StatusFile: Sendable {
  private let folder: Folder
  private let name: [UInt8]
  /// Of the folder, where it is to be opened anew once this one is gone.
  private let path: [UInt8]?

  /// Makes the file's folder if need be.
  package init(_ path: [UInt8]) throws(FileError) { try self.init(path, makesFolder: true) }

  init(_ path: [UInt8], makesFolder: Bool) throws(FileError) {
    (self.path, name) = splitPath(path)
    folder = try Folder(splitPath(path).folder, create: makesFolder)
    guard RelativePath.isName(name) else { throw FileError(.write, escaped(path), code: EISDIR) }
    switch try folder.status(name)?.kind {
    case .file, nil: break
    case .folder: throw FileError(.write, escaped(path), code: EISDIR)
    // Its name would be taken, which for a link such as `/dev/stdout` is the system's, and nothing go where it leads.
    case .symbolicLink, .fifo, .socket, .device: throw FileError(.write, escaped(path), code: EEXIST)
    }
  }

  package init(_ folder: Folder, _ name: [UInt8]) {
    self.folder = folder
    self.name = name
    path = nil
  }

  package func write(_ bytes: [UInt8]) throws(FileError) {
    do throws(FileError) {
      try write(bytes, in: folder)
    } catch {
      // Another may have come into the folder's place. None is made there: its disk may be away.
      guard error.isAbsence, let path, let folder = try? Folder(path) else { throw error }
      try write(bytes, in: folder)
    }
  }

  private func write(_ bytes: [UInt8], in folder: Folder) throws(FileError) {
    do throws(FileError) {
      try folder.write(bytes, to: name, replacing: true)
    } catch  where error.isDiskFull {
      // Better once not in one step than to say nothing of the full disk.
      try folder.overwrite(bytes, in: name)
    }
  }
}
