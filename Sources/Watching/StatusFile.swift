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

  /// Makes the file's folder if need be.
  package init(_ path: [UInt8]) throws(FileError) {
    let (folder, name) = splitPath(path)
    self.init(try Folder(folder, create: true), name)
    guard RelativePath.isName(name) else { throw FileError(.write, escaped(path), code: EISDIR) }
  }

  package init(_ folder: Folder, _ name: [UInt8]) {
    self.folder = folder
    self.name = name
  }

  package func write(_ bytes: [UInt8]) throws(FileError) {
    do throws(FileError) {
      try folder.write(bytes, to: name, replacing: true)
    } catch  where error.isDiskFull {
      // Better once not in one step than to say nothing of the full disk.
      try folder.overwrite(bytes, in: name)
    }
  }
}
