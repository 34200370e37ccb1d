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
  /// Asked for every folder below the first one.
  package var enters: (FileStatus.Identity, RelativePath) -> Bool = { _, _ in true }
  /// Called for each folder before it is listed.
  package var willList: (Folder, RelativePath?) -> Void = { _, _ in }
  /// What could not be read; the pass goes on without it.
  package private(set) var problems: [FileError] = []

  package init(excluded: Set<FileStatus.Identity> = []) {
    self.excluded = excluded
  }

  /// Everything but folders in `folder` and below. Links are never followed. Entries that vanish meanwhile are left
  /// out.
  package mutating func items(in folder: Folder, at path: RelativePath? = nil) -> [Item] {
    var items: [Item] = []
    var pending: [Pending] = []
    list(folder, at: path, &items, &pending)
    while let next = pending.popLast() {
      do {
        guard let folder = try enter(next) else { continue }
        list(folder, at: next.path, &items, &pending)
      } catch {
        problems.append(error)
      }
    }
    return items
  }

  /// A folder that is still to be entered, by the one that it lies in: no more of them are open at a time than the tree
  /// is deep, however many there are.
  private struct Pending {
    let parent: Folder
    let name: RelativePath
    let path: RelativePath
  }

  private mutating func list(
    _ folder: Folder, at path: RelativePath?, _ items: inout [Item], _ pending: inout [Pending]
  ) {
    willList(folder, path)
    let names: [[UInt8]]
    do {
      names = try folder.names()
    } catch {
      problems.append(error)
      return
    }
    for name in names {
      guard let own = RelativePath(name), let child = path.map({ $0.appending(name) }) ?? own else {
        continue
      }
      do {
        guard let status = try folder.status(name) else { continue }
        if status.kind != .folder {
          items.append(Item(path: child, status: status))
        } else if !excluded.contains(status.identity), name.first != UInt8(ascii: "."),
          enters(status.identity, child)
        {
          pending.append(Pending(parent: folder, name: own, path: child))
        }
      } catch {
        problems.append(error)
      }
    }
  }

  /// `nil` for a folder that is excluded, or no folder any more.
  private func enter(_ pending: Pending) throws(FileError) -> Folder? {
    do {
      let folder = try pending.parent.folder(pending.name)
      // Replaced since it was listed: what counts is what was opened.
      return excluded.contains(folder.identity) ? nil : folder
    } catch  where [ENOENT, ENOTDIR, ELOOP].contains(error.code) {
      return nil
    }
  }
}
