import Folders

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Folders that are not there yet and are going to be made: those that stay empty go again in the end.
struct NewFolders {
  /// The inner ones before the outer ones.
  private let paths: [[UInt8]]

  /// With all on the way to them that are missing too; one within another comes first.
  init(_ folders: [Path]) {
    var paths: [[UInt8]] = []
    for folder in folders {
      var path = folder.bytes
      while FileStatus(following: path) == nil {
        paths.append(path)
        let above = splitPath(path).folder
        guard above != path else { break }
        path = above
      }
    }
    self.paths = paths
  }

  func removeEmpty() {
    for path in paths { rmdir(path.map(CChar.init(bitPattern:)) + [0]) }
  }
}
