package import Folders

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One pass over a tree of folders: the names, in the order of their bytes, with what the system says of each.
package struct FolderScan {
  package struct Item: Sendable {
    package let path: RelativePath
    package let status: FileStatus
  }

  /// Folders that are not entered, whatever their names are: the output's, for one.
  package var excluded: Set<FileStatus.Identity>
  /// Called for each folder before it is listed.
  package var willList: (Folder, RelativePath?) -> Void = { _, _ in }
  /// What could not be read; the pass goes on without it.
  package private(set) var problems: [String] = []

  package init(excluded: Set<FileStatus.Identity> = []) {
    self.excluded = excluded
  }

  /// Everything but folders in `folder` and below. Links are never followed. Entries that vanish meanwhile are left
  /// out.
  package mutating func items(in folder: Folder, at path: RelativePath? = nil) -> [Item] {
    var items: [Item] = []
    var pending: [(Folder, RelativePath?)] = [(folder, path)]
    while let (folder, path) = pending.popLast() {
      willList(folder, path)
      let names: [[UInt8]]
      do {
        names = try folder.names()
      } catch {
        problems.append(error.description)
        continue
      }
      for name in names {
        guard let child = path.map({ $0.appending(name) }) ?? RelativePath(name) else { continue }
        do {
          guard let status = try folder.status(name) else { continue }
          guard status.kind == .folder else {
            items.append(Item(path: child, status: status))
            continue
          }
          if let below = try enter(name, of: folder, status) { pending.append((below, child)) }
        } catch {
          problems.append(error.description)
        }
      }
    }
    return items
  }

  /// `nil` for a folder that is not to be entered: excluded, or hidden.
  private func enter(_ name: [UInt8], of folder: Folder, _ status: FileStatus) throws(FileError) -> Folder? {
    if excluded.contains(status.identity) || name.first == UInt8(ascii: ".") { return nil }
    guard let path = RelativePath(name) else { return nil }
    do {
      let below = try folder.folder(path)
      // Replaced between the two calls: what counts is what was opened.
      return excluded.contains(below.identity) ? nil : below
    } catch  where [ENOENT, ENOTDIR, ELOOP].contains(error.code) {
      return nil
    }
  }
}
