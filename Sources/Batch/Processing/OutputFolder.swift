package import Folders

/// The folder that one of a job's outputs goes to.
package struct OutputFolder: Sendable {
  /// As the user says it.
  private let name: [UInt8]
  /// In a dry run, which makes none, there may be none yet: then nothing is in it.
  private let opened: Result<Folder, FileError>

  package init(_ folder: Folder, named name: [UInt8]) {
    self.name = name
    opened = .success(folder)
  }

  /// Opens the folder; with `create`, it is made if need be, and without, it need not be there as long as it could be made.
  init(_ name: [UInt8], create: Bool) throws(FileError) {
    self.name = name
    do throws(FileError) {
      opened = .success(try Folder(name, create: create))
    } catch {
      guard !create, error.isAbsence else { throw error }
      try Folder.checkUsable(name)
      opened = .failure(error)
    }
  }

  /// - Throws: an absence if there is no such folder yet.
  package func folder() throws(FileError) -> Folder { try opened.get() }

  /// The folder in which the output `path` is.
  package func folder(of path: RelativePath, create: Bool = false) throws(FileError) -> Folder {
    try opened.get().folder(path.folder, create: create)
  }

  /// Where the output `path` is, escaped, for messages.
  package func location(_ path: RelativePath) -> String {
    let text = escaped(name)
    return (text.hasSuffix("/") ? text : text + "/") + escaped(path.bytes)
  }

  /// Fails as making the file `path` would for want of permission, on a read-only disk or in a folder that was removed.
  func checkWritable(_ path: RelativePath) throws(FileError) {
    switch opened {
    case .success(let folder): try folder.checkWritable(path)
    case .failure: try Folder.checkUsable(name)
    }
  }

  /// Whether files can be made in it for now.
  var takesFiles: Bool { (try? opened.get().takesFiles) ?? true }

  /// Whether its name leads to it still.
  var isInPlace: Bool { (try? opened.get().isStill(at: name)) ?? true }

  /// It is not where the user looks for what was written into it.
  var movedAway: Failure {
    Failure(
      .output,
      "\(escaped(name)) was moved away or replaced while the run went on, and outputs with it: run again when it is back"
    )
  }

  /// The file `path`; nil if there is none, or none that can be read.
  package func content(of path: RelativePath) -> FileContent? {
    try? folder(of: path).read(path.name, limit: .max)
  }
}

extension Job {
  /// Fails as opening the output folders, made if need be, would, but makes none.
  package func checkFolders() throws(Failure) {
    for output in outputs {
      do throws(FileError) {
        _ = try OutputFolder(output.root, create: false)
      } catch {
        throw Failure(writing: error)
      }
    }
  }
}
