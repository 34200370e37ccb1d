import Acuity
package import Folders

/// One input file: where it lies, and what it is called in the output's tree and in the ledger.
package struct BatchInput: Sendable {
  /// The way to the folder that the file is in.
  package enum Place: Sendable {
    /// Below a folder that is open; links on the way are not followed.
    case below(Folder, RelativePath?)
    /// Named by the user; links on the way are followed. Opened when needed, so that ten thousand of them do not
    /// hold ten thousand descriptors.
    case named([UInt8])
  }

  package let place: Place
  /// The file's name in its folder.
  package let name: [UInt8]
  /// Its place in the mirrored tree, and its key in the ledger.
  package let path: RelativePath
  /// Escaped, for messages.
  package let label: String
  /// The file is there for this run alone, as one that comes by standard input.
  package var isTemporary = false

  /// The file `path` below `root`, to be known as `known`; by its path if that is nil.
  package init(_ path: RelativePath, below root: Folder, as known: RelativePath? = nil) {
    place = .below(root, path.folder)
    name = path.name
    self.path = known ?? path
    label = root.location(path.bytes)
  }

  /// The file `name` in the folder called `folder`, to be known as `path`.
  package init(_ name: [UInt8], inFolderNamed folder: [UInt8], path: RelativePath, label: String) {
    place = .named(folder)
    self.name = name
    self.path = path
    self.label = label
  }

  /// The file's place from the root of the file system on; nil if that says nothing of the file, for its folder is a
  /// temporary one.
  var origin: [UInt8]? {
    guard !isTemporary else { return nil }
    let slash = UInt8(ascii: "/")
    switch place {
    case .below(let root, let path):
      return realPath(unescaped(root.path) ?? []) + [slash] + (path.map { $0.bytes + [slash] } ?? []) + name
    case .named(let folder): return realPath(folder) + [slash] + name
    }
  }

  /// The entry of a folder that the user means, however he spells its path: of a link the link's own, unlike `origin`.
  var entry: [UInt8]? {
    guard !isTemporary, let (folder, name) = unescaped(label).map(splitPath) else { return nil }
    return realPath(folder) + [UInt8(ascii: "/")] + name
  }

  /// The file's folder.
  package func folder() throws(FileError) -> Folder {
    switch place {
    case .below(let root, let path): try root.folder(path)
    case .named(let path): try Folder(path)
    }
  }

  /// The whole file, from one descriptor.
  package func read(limit: Int) throws(Failure) -> FileContent {
    try withFolder { (folder) throws(ReadError) in try folder.read(name, limit: Int64(limit)) }
  }

  /// What the file's header says, or why it says nothing, and what the system says of the file. Only the header's parts
  /// are read: a folder may hold films of gigabytes beside its pictures.
  func header(
    for job: Job
  ) throws(Failure) -> (header: Result<ImageHeader, Failure>, status: FileStatus) {
    let (limits, options) = (job.limits, job.reading)
    return try withFolder { (folder) throws(ReadError) in
      try folder.withFile(name, limit: Int64(limits.maxFileSize)) { (file, status) throws(ReadError) in
        do throws(ImageFileError) {
          return (.success(try ImageFile.header(descriptor: file, limits: limits, options: options)), status)
        } catch {
          var tolerant = options
          tolerant.acceptsDamage = true
          let wouldDo =
            !options.acceptsDamage
            && (try? ImageFile.header(descriptor: file, limits: limits, options: tolerant)) != nil
          return (.failure(failure(error.cause, advice: wouldDo ? job.tolerance : "")), status)
        }
      }
    }
  }

  private func failure(_ cause: ImageFileError.Cause, advice: String) -> Failure {
    switch cause {
    case .cannotRead(let code): Failure(reading: .failed(FileError(.read, label, code: code)))
    case .changedWhileReading: Failure(reading: .changedMeanwhile(path: label))
    default: Failure(cause, in: label, advice: advice)
    }
  }

  private func withFolder<Value>(_ body: (Folder) throws(ReadError) -> Value) throws(Failure) -> Value {
    do {
      return try body(try folder())
    } catch let error as ReadError {
      throw Failure(reading: error)
    } catch let error as FileError {
      throw Failure(reading: .failed(error))
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
