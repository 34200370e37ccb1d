import Folders

extension StageRegistry {
  /// Adds the stage of the plug-in in the file `path`; or of every plug-in directly inside, if it is a folder.
  ///
  /// In a folder, plug-ins are the files ending in `.so` or `.dylib`, in the order of their names. One of them that
  /// can't be used doesn't keep the others from being loaded.
  /// - Returns: what is wrong with plug-ins of a folder, or that it has none.
  /// - Throws: `StageError.plugIn` if `path` is a file that can't be used or can't be read at all, or if its stage has the
  ///   name of one that is there.
  public mutating func loadPlugIns(_ path: String) throws(StageError) -> [StageError] {
    try loadPlugIns(pathBytes: Array(path.utf8))
  }

  /// The same for a path that need not be UTF-8.
  package mutating func loadPlugIns(pathBytes path: [UInt8]) throws(StageError) -> [StageError] {
    guard let names = try? Folder(path).names() else {
      try load(path)
      return []
    }
    let libraries = names.filter { name in
      Self.endings.contains { name.reversed().starts(with: $0.reversed()) }
    }
    guard !libraries.isEmpty else {
      return [
        .plugIn(path: escaped(path), reason: "the folder has no .so or .dylib in it: name one that has")
      ]
    }
    var problems: [StageError] = []
    for name in libraries {
      do throws(StageError) { try load(path + [UInt8(ascii: "/")] + name) } catch { problems.append(error) }
    }
    return problems
  }

  private static let endings = [".so", ".dylib"].map { Array($0.utf8) }

  private mutating func load(_ path: [UInt8]) throws(StageError) {
    let plugIn = try PlugIn(loading: path)
    let path = plugIn.path
    let entry = Entry(
      name: plugIn.name, summary: plugIn.summary, options: plugIn.options, plugIn: path
    ) { options, environment in
      try PlugInStage(plugIn, options: options, environment: environment)
    }
    guard self[entry.name] == nil else {
      throw .plugIn(
        path: path,
        reason:
          "there is already a stage called '\(printable(entry.name))': rename the plug-in's, or leave it out")
    }
    try register(entry)
  }
}
