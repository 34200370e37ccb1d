package import Folders

/// The right to write into output folders, which any number of batches share, so that parts of one batch can run
/// side by side. Whoever comes alone clears away what a killed run has left.
package final class OutputClaim: Sendable {
  private let locks: [FolderLock]

  /// Claims each folder; removes temporary files from those of `folders` that lie in it.
  ///
  /// - Throws: `Failure`: with culprit `.later` if a process has a folder for itself.
  package init(_ roots: [Folder], plan: BatchPlan) throws(Failure) {
    var locks: [FolderLock] = []
    for (index, root) in roots.enumerated() {
      do throws(FileError) {
        // Two outputs in one folder are one claim.
        let own = roots.indices.filter { roots[$0].identity == root.identity }
        if own.first != index { continue }
        let lock: FolderLock?
        if let alone = try FolderLock(root, patience: 0) {
          Self.clear(root, plan.outputFolders(own))
          lock = try alone.share(patience: Self.longestClearing) ? alone : nil
        } else {
          lock = try FolderLock(root, isShared: true, patience: Self.longestClearing)
        }
        guard let lock else { throw FileError(.lock, root.path, code: FolderLock.busy) }
        locks.append(lock)
      } catch {
        guard !error.isLockUnsupported else { continue }
        guard error.code == FolderLock.busy else { throw Failure(writing: error) }
        throw Failure(
          .later,
          "\(root.path) is in use by another acuity, which watches a folder: stop it, or choose another")
      }
    }
    self.locks = locks
  }

  /// For how many seconds another batch that begins at the same time may clear a large tree.
  private static let longestClearing = 3.0

  private static func clear(_ root: Folder, _ folders: Set<RelativePath?>) {
    for path in folders {
      guard let folder = try? root.folder(path), let names = try? folder.names() else { continue }
      for name in names where TemporaryName.matches(name) { try? folder.removeAbandoned(name) }
    }
  }
}

extension BatchPlan {
  /// The folders below the root of these outputs that they go to.
  fileprivate func outputFolders(_ indices: [Int]) -> Set<RelativePath?> {
    Set(files.flatMap(\.outputs).filter { indices.contains($0.index) }.map(\.path.folder))
  }
}
