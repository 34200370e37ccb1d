import Folders

/// A file that may be a picture to learn from. Names are bytes.
struct PictureFile: Sendable {
  let path: [UInt8]

  /// Safe to print.
  var name: String { escaped(path) }

  /// All files of a folder at any depth but the hidden ones, in the order of their bytes, which is the same everywhere; a
  /// file by itself.
  ///
  /// - Throws: `.noFolder` if there is nothing of that name, or a folder that cannot be listed.
  static func files(in path: [UInt8]) throws(TrainingError) -> [PictureFile] {
    do throws(FileError) {
      let root = try Folder(path)
      var names: [[UInt8]] = []
      try collect(root, below: [], into: &names)
      names.sort { $0.lexicographicallyPrecedes($1) }
      return names.map { PictureFile(path: path + [UInt8(ascii: "/")] + $0) }
    } catch {
      // A file; what is wrong with it is found when it is read.
      if error.isAboutTheName { return [PictureFile(path: path)] }
      throw .noFolder("\(error)")
    }
  }

  /// The files, each once: the same one under two names would be learned from twice, or be held out and learned from.
  static func withoutRepeats(_ files: [PictureFile]) -> (files: [PictureFile], repeats: [PictureFile]) {
    var seen: Set<FileStatus.Identity> = []
    var (first, repeats): ([PictureFile], [PictureFile]) = ([], [])
    for file in files {
      // What is not there is refused when it is read.
      if let identity = FileStatus(following: file.path)?.identity, !seen.insert(identity).inserted {
        repeats.append(file)
      } else {
        first.append(file)
      }
    }
    return (first, repeats)
  }

  /// Follows links to files, but not to folders, which may lead in circles.
  private static func collect(
    _ folder: Folder, below prefix: [UInt8], into names: inout [[UInt8]]
  ) throws(FileError) {
    for name in try folder.names() where name.first != UInt8(ascii: ".") {
      guard let status = try folder.status(name), let relative = RelativePath(name) else { continue }
      switch status.kind {
      case .folder:
        try collect(
          try folder.folder(relative), below: prefix + name + [UInt8(ascii: "/")], into: &names)
      default: names.append(prefix + name)
      }
    }
  }
}
