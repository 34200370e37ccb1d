import Folders

extension StageRegistry {
  /// Adds the stage of the plug-in in the file `path`; or of every plug-in directly inside, if it is a folder.
  ///
  /// In a folder, plug-ins are the files ending in `.so` or `.dylib`, in the order of their names. One of them that
  /// can't be used doesn't keep the others from being loaded.
  /// - Returns: what is wrong with plug-ins of a folder.
  /// - Throws: `StageError.plugIn` if `path` is a file that can't be used or can't be read at all, or if its stage has the
  ///   name of one that is there.
  public mutating func loadPlugIns(_ path: String) throws(StageError) -> [StageError] {
    guard let names = try? Folder(Array(path.utf8)).names() else {
      try load(path)
      return []
    }
    var problems: [StageError] = []
    for name in names {
      let name = String(decoding: name, as: UTF8.self)
      guard name.hasSuffix(".so") || name.hasSuffix(".dylib") else { continue }
      do throws(StageError) { try load("\(path)/\(name)") } catch { problems.append(error) }
    }
    return problems
  }

  private mutating func load(_ path: String) throws(StageError) {
    let plugIn = try PlugIn(loading: path)
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
