package import Folders

/// The removal of a file that may be replaced at any moment. Between a look at a name and its removal somebody could put
/// a new picture there, which would be lost: so the file gets a name of its own first, and what has that name is looked
/// at.
extension Disposal {
  private static let leaving = Array(".acuity-leaving-".utf8)

  /// Removes the file `name` if it is what was seen; false if another one has come under the name, which keeps it.
  static func remove(
    _ name: [UInt8], _ observation: Observation, in folder: Folder
  ) throws(FileError) -> Bool {
    let own = leaving + name
    do throws(FileError) {
      try folder.rename(name, to: own, in: folder, replacing: false)
    } catch  where error.isAbsence {
      return true
    } catch  where error.isAboutTheName {
      // No room for a longer name, or a killed run's is still there: a look has to do.
      guard let status = try folder.status(name) else { return true }
      guard Observation(status) == observation else { return false }
      try folder.remove(name)
      return true
    }
    if let status = try folder.status(own), !Observation(status).isRenamed(observation) {
      try giveBack(own, name, in: folder)
      return false
    }
    try folder.remove(own)
    return true
  }

  /// What `path` was called before a run that was killed meant to remove it; nil for other names.
  package static func original(of path: RelativePath) -> RelativePath? {
    guard path.name.starts(with: leaving) else { return nil }
    return path.replacingName(Array(path.name.dropFirst(leaving.count)))
  }

  /// Gives a file that a killed run meant to remove its own name back.
  package static func giveBack(_ path: RelativePath, below root: Folder) throws(FileError) {
    guard let original = original(of: path) else { return }
    try giveBack(path.name, original.name, in: try root.folder(path.folder))
  }

  private static func giveBack(
    _ own: [UInt8], _ name: [UInt8], in folder: Folder
  ) throws(FileError) {
    do throws(FileError) {
      try folder.rename(own, to: name, in: folder, replacing: false)
    } catch  where error.isExistence {
      // Whoever has put a newer file under the name would have replaced this one.
      try folder.remove(own)
    }
  }
}
